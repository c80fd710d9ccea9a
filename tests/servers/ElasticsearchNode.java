// SPDX-License-Identifier: LGPL-2.1-or-later

import java.nio.file.Path;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;

/** One Elasticsearch node of the jars on the module path: FOLDER [SETTING=VALUE]... */
public class ElasticsearchNode {
  public static void main(String[] arguments) throws Exception {
    Settings.Builder settings = Settings.builder().put("path.home", arguments[0]);
    for (int i = 1; i < arguments.length; ++i) {
      String[] setting = arguments[i].split("=", 2);
      settings.put(setting[0], setting[1]);
    }
    LogConfigurator.configureESLogging();
    Node node = new Node(new Environment(settings.build(), Path.of(arguments[0], "config")));
    node.start();
    Thread.currentThread().join();
  }
}
