#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later

# A search server for tests, of the jars that Maven brings; KIND is opensearch or elasticsearch:
#   search.sh fetch KIND                                 fetches what is missing
#   search.sh node KIND FOLDER PORT [SETTING=VALUE]...   runs a node on loopback until it is ended;
#                                                        its data are in FOLDER
# Exit status 77, with one sentence, where it cannot be had.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

skip() {
  printf 'No %s server to test with: %s\n' "$kind" "$*"
  exit 77
}

compile() {
  javac "$@" -d "$jars/classes" "$here/$class.java" >>"$jars/log" 2>&1 ||
    skip "$class.java does not compile, see $jars/log"
}

# The k-NN plug-in comes as an archive of jars.
finish_opensearch() {
  python3 - "$jars/lib" <<'PYTHON'
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
for archive in folder.glob('*.zip'):
    with zipfile.ZipFile(archive) as plugin:
        plugin.extractall(folder, [n for n in plugin.namelist() if n.endswith('.jar')])
PYTHON
  compile -cp "$jars/lib/*"
}

# What speaks HTTP is a module of its own, which a node looks for in its folder.
finish_elasticsearch() {
  local module=$jars/modules/transport-netty4
  mkdir -p "$module"
  mv "$jars"/lib/netty-*.jar "$jars"/lib/transport-netty4-*.jar "$module"
  printf '%s\n' name=transport-netty4 description=HTTP version=8.17.0 elasticsearch.version=8.17.0 \
    java.version=17 classname=org.elasticsearch.transport.netty4.Netty4Plugin \
    >"$module/plugin-descriptor.properties"
  compile --module-path "$jars/lib" --add-modules org.elasticsearch.server
}

fetch() {
  [ ! -f "$jars/complete" ] || return 0
  local tool
  for tool in java javac mvn python3; do
    command -v $tool >/dev/null ||
      skip "there is no $tool (apt-get install default-jdk-headless maven)"
  done
  mkdir -p "$jars/classes"
  exec 9>"$jars/lock"
  flock 9
  [ ! -f "$jars/complete" ] || return 0
  timeout 500 mvn -B -q -f "$here/$kind.xml" dependency:copy-dependencies \
    -DoutputDirectory="$jars/lib" >"$jars/log" 2>&1 </dev/null ||
    skip "Maven cannot fetch it, see $jars/log"
  "finish_$kind"
  touch "$jars/complete"
}

node() {
  local folder=$1 port=$2
  local java=(java -Xms512m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.level=warn)
  local settings=(http.port="$port" network.host=127.0.0.1)
  shift 2
  mkdir -p "$folder/config" "$folder/logs" "$folder/plugins"
  if [ "$kind" = opensearch ]; then
    exec "${java[@]}" -cp "$jars/classes:$jars/lib/*" "$class" "$folder" "${settings[@]}" \
      http.type=netty4 transport.type=netty4 "$@"
  fi
  [ -d "$folder/modules" ] || cp -r "$jars/modules" "$folder"
  exec "${java[@]}" --module-path "$jars/lib" --add-modules org.elasticsearch.server,jdk.net \
    -Des.path.home="$folder" -cp "$jars/classes" "$class" "$folder" "${settings[@]}" "$@"
}

case ${1:-}:${2:-} in
  fetch:opensearch | node:opensearch) class=OpensearchNode ;;
  fetch:elasticsearch | node:elasticsearch) class=ElasticsearchNode ;;
  *)
    sed -n '4,8s/^# *//p' "$0"
    exit 2
    ;;
esac
action=$1 kind=$2
jars=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/gst-facerec/$kind-$(sha256sum <"$here/$kind.xml" | cut -c1-12)
shift 2
fetch
[ "$action" = fetch ] || node "$@"
