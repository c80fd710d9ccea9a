// SPDX-License-Identifier: LGPL-2.1-or-later

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.knn.plugin.KNNPlugin;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** One OpenSearch node of the jars on the class path: FOLDER [SETTING=VALUE]... */
public class OpensearchNode extends Node {
  OpensearchNode(Environment environment) {
    super(environment, List.of(Netty4Plugin.class, KNNPlugin.class), false);
  }

  public static void main(String[] arguments) throws Exception {
    Settings.Builder settings = Settings.builder().put("path.home", arguments[0]);
    for (int i = 1; i < arguments.length; ++i) {
      String[] setting = arguments[i].split("=", 2);
      settings.put(setting[0], setting[1]);
    }
    Environment environment = InternalSettingsPreparer.prepareEnvironment(
        settings.build(), Map.of(), null, () -> "node");
    Node node = new OpensearchNode(environment).start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        node.close();
      } catch (java.io.IOException ignored) {
      }
    }));
    Thread.currentThread().join();
  }
}
