#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""installed.py PLUGINS LIBRARIES TYPELIBS PROGRAMS GSTREAMER-PLUGINS SYSTEM-TYPELIBS

Runs at the end of `meson install`: prints the line that makes GStreamer, Python and the shell find
what lies where they do not look by themselves. Folders are relative to the prefix or absolute.
"""
import os
import pathlib
import shlex
import subprocess
import sys

prefix = pathlib.Path(os.environ["MESON_INSTALL_PREFIX"])
plugins, libraries, typelibs, programs = (prefix / folder for folder in sys.argv[1:5])
gstreamer_plugins, system_typelibs = (pathlib.Path(folder) for folder in sys.argv[5:7])

# With DESTDIR this is a package in the making, which others install.
if os.environ.get("DESTDIR") or os.environ.get("MESON_INSTALL_DRY_RUN"):
    sys.exit()


def run(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def listed(folder, variable):
    return str(folder) in os.environ.get(variable, "").split(":")


if os.geteuid() == 0:
    run("/sbin/ldconfig")
missing = []
if not (plugins.exists() and plugins.samefile(gstreamer_plugins)) and not listed(plugins, "GST_PLUGIN_PATH"):
    # GStreamer's own first: of two elements of one name the last one counts.
    missing.append(("GST_PLUGIN_PATH", f"{gstreamer_plugins}:{plugins}"))
if (typelibs / "GstFace-1.0.typelib").exists() and typelibs != system_typelibs:
    missing.append(("GI_TYPELIB_PATH", typelibs))
# The cache may name a folder by a link to it, as /lib for /usr/lib.
library = libraries / "libgstface-1.0.so.0"
if not any(pathlib.Path(word).exists() and library.exists() and library.samefile(word)
           for word in run("/sbin/ldconfig", "-p").split() if word.endswith(f"/{library.name}")):
    missing.append(("LD_LIBRARY_PATH", libraries))
if not listed(programs, "PATH"):
    missing.append(("PATH", programs))
if missing:
    # Meson before 1.1 keeps to itself what a script prints; its own output is where people look.
    with open(f"/proc/{os.getppid()}/fd/1", "a") as output:
        print("GStreamer does not look there by itself. For this shell, or at the end of ~/.profile for all:",
              "export " + " ".join(f"{name}={shlex.quote(str(value))}${{{name}:+:${name}}}"
                                   for name, value in missing), sep="\n", file=output)
