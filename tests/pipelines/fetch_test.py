# SPDX-License-Identifier: LGPL-2.1-or-later
"""models/fetch against a server of our own: whole, resumed, damaged and unreachable downloads."""

import bz2
import contextlib
import hashlib
import http.server
import io
import json
import os
import pathlib
import re
import ssl
import subprocess
import tarfile
import tempfile
import threading
import unittest
import zipfile

SOURCE = pathlib.Path(os.environ["FACEREC_SOURCE_ROOT"])
CONTENT = os.urandom(300_000)


def packed():
    """CONTENT in each kind of archive, by the path that serves it."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as pack:
        for name in ("net.onnx", "net.txt"):
            info = tarfile.TarInfo("folder/" + name)
            info.size = len(CONTENT)
            pack.addfile(info, io.BytesIO(CONTENT))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("folder/net.onnx", CONTENT)
    return {"/net.onnx.bz2": bz2.compress(CONTENT), "/nets.tar.gz": tar.getvalue(),
            "/nets.zip": archive.getvalue(), "/cut.onnx.bz2": bz2.compress(CONTENT)[:1000],
            "/text.zip": b"no archive", "/text.onnx.bz2": b"no archive"}


PACKED = packed()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT; what it does to it is in the path: whole, norange, cut or gone."""

    def do_GET(self):
        start = 0
        if self.path in self.server.redirects:
            self.send_response(302)
            self.send_header("Location", self.server.redirects[self.path])
            self.end_headers()
            return
        if self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"x" * 100_000)
            return
        if self.path in PACKED:
            self.server.ranges.append(None)
            self.send_response(200)
            self.send_header("Content-Length", str(len(PACKED[self.path])))
            self.end_headers()
            self.wfile.write(PACKED[self.path])
            return
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        self.server.ranges.append(self.headers.get("Range"))
        if self.path == "/gone":
            self.send_error(404)
            return
        if wanted and self.path != "/norange":
            start = int(wanted[1])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        end = start + 100_000 if self.path == "/cut" else len(CONTENT)
        with contextlib.suppress(OSError):  # who asked may hang up
            self.wfile.write(CONTENT[start:end])

    def log_message(self, *arguments):
        pass


class Fetch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.key, cls.certificate = (os.path.join(folder.name, name) for name in ("key", "certificate"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", cls.key, "-out", cls.certificate], check=True, capture_output=True)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.target = self.folder / "data/gst-facerec/models"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.ranges = []
        self.server.redirects = {}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def profile(self, path, **changes):
        entry = {"name": "net.onnx", "size": len(CONTENT),
                 "sha256": hashlib.sha256(CONTENT).hexdigest(),
                 "url": f"https://127.0.0.1:{self.server.server_port}/{path}", **changes}
        entry = {field: value for field, value in entry.items() if value is not None}
        profile = {"name": "net", "title": "A net", "role": "embedder", "files": [entry],
                   "source": "ask the authors"}
        (self.folder / "net.json").write_text(json.dumps(profile))

    def fetch(self, *arguments, **environment):
        return subprocess.run(
            [SOURCE / "models/fetch", *arguments], capture_output=True, text=True, check=False,
            env={**os.environ, "FACEREC_MODEL_PATH": str(self.folder),
                 "XDG_DATA_HOME": str(self.folder / "data"), "no_proxy": "127.0.0.1",
                 "CURL_CA_BUNDLE": self.certificate,
                 **environment})

    def refused(self, *words, name="net", **environment):
        """The command fails with one line that holds all words, and the final name stays free."""
        done = self.fetch(name, **environment)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertFalse((self.target / "net.onnx").exists())

    def fetched(self):
        done = self.fetch("net")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.target / "net.onnx").read_bytes(), CONTENT)
        self.assertEqual([p.name for p in self.target.iterdir()], ["net.onnx"])

    def test_whole(self):
        self.profile("whole")
        self.fetched()
        requests = len(self.server.ranges)
        self.assertIn("is there", self.fetch("net").stdout)
        self.assertEqual(len(self.server.ranges), requests)

    def test_goes_on_where_it_broke_off(self):
        self.profile("cut")
        self.refused("broke off after 100000 bytes", "same command again")
        self.refused("broke off after 200000 bytes")
        self.fetched()
        self.assertEqual(self.server.ranges[-1], "bytes=200000-")

    def test_starts_again_where_the_server_cannot_go_on(self):
        self.target.mkdir(parents=True)
        (self.target / "net.onnx.part").write_bytes(CONTENT[:1000])
        self.profile("norange")
        self.fetched()

    def test_a_damaged_beginning_is_thrown_away(self):
        self.target.mkdir(parents=True)
        (self.target / "net.onnx.part").write_bytes(b"x" * 1000)
        self.profile("whole")
        self.refused("another sha256")
        self.fetched()

    def test_a_damaged_file_of_the_final_name_is_replaced(self):
        self.target.mkdir(parents=True)
        (self.target / "net.onnx").write_bytes(b"x" * len(CONTENT))
        self.profile("whole")
        self.fetched()

    def test_weaker_checksums_and_nothing_known(self):
        self.profile("whole", sha256=None, sha1="0" * 40)
        self.refused("another sha1")
        self.profile("whole", sha256=None, md5="0" * 32)
        self.refused("another md5")
        self.profile("whole", sha256=None, md5=hashlib.md5(CONTENT).hexdigest())
        self.fetched()
        (self.target / "net.onnx").unlink()
        self.profile("whole", sha256=None, size=None)
        self.fetched()

    def test_another_size(self):
        self.profile("whole", size=299_999)
        self.refused("larger than its profile states")
        self.profile("whole", size=300_001)
        self.refused("has 300000 bytes instead of 300001")

    def test_a_server_that_never_ends(self):
        self.profile("endless")
        self.refused("larger than its profile states")
        self.assertEqual(list(self.target.iterdir()), [])

    def test_only_https_and_never_beyond_by_a_redirect(self):
        secret = self.folder / "secret"
        secret.write_bytes(CONTENT)
        self.server.redirects = {"/away": f"http://127.0.0.1:{self.server.server_port}/whole",
                                 "/local": secret.as_uri(), "/moved": "/whole"}
        for path in ("away", "local"):
            self.profile(path)
            self.refused(path, "something else than https")
        self.profile("moved")
        self.fetched()

    def test_a_file_only_by_option(self):
        here = self.folder / "here.onnx"
        here.write_bytes(CONTENT)
        self.profile("", url=here.as_uri())
        self.refused(here.as_uri(), "--allow-file")
        done = self.fetch("--allow-file", "net")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.target / "net.onnx").read_bytes(), CONTENT)

    def test_profiles_that_reach_for_more(self):
        self.profile("whole")
        sound = json.loads((self.folder / "net.json").read_text())
        outside = self.folder / "data/outside"
        for field, value in (
                ("name", "../../outside"), ("name", str(outside)), ("name", ".."), ("name", "fetch"),
                ("name", "yunet.json"), ("name", "-o.onnx"), ("name", "a b.onnx"), ("name", 3),
                ("url", "http://127.0.0.1/net.onnx"), ("url", "-o/etc/passwd"), ("url", "--help"),
                ("url", "https://127.0.0.1/{a,b}"), ("url", "https://127.0.0.1/[1-9]"),
                ("url", "https://127.0.0.1/a b"), ("url", ["https://127.0.0.1/"]),
                ("size", -1), ("size", "9"), ("size", True), ("sha256", "0"), ("md5", 5)):
            with self.subTest(field=field, value=value):
                entry = {**sound["files"][0], field: value}
                (self.folder / "net.json").write_text(json.dumps({**sound, "files": [entry]}))
                self.refused("net.json", f"'files.{field}'")
        for field, value in (("files", 3), ("files", [3]), ("title", None), ("title", "\x1b[2J"),
                             ("name", "other"), ("source", "a\nb")):
            with self.subTest(field=field, value=value):
                (self.folder / "net.json").write_text(json.dumps({**sound, field: value}))
                self.refused("net.json", f"'{field}'")
        (self.folder / "net.json").write_text("[" * 100_000)
        self.refused("net.json", "is not a profile")
        self.assertEqual(self.server.ranges, [])
        self.assertFalse(outside.exists())

    def test_an_archive_that_unpacks_to_more(self):
        PACKED["/bomb.onnx.bz2"] = bz2.compress(bytes(50_000_000))
        self.profile("bomb.onnx.bz2")
        self.refused("cannot be unpacked", "more than its profile states")
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w:gz") as pack:
            for kind in (tarfile.DIRTYPE, tarfile.CHRTYPE):
                info = tarfile.TarInfo("net.onnx")
                info.type = kind
                pack.addfile(info)
            link = tarfile.TarInfo("folder/net.onnx")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            pack.addfile(link)
        PACKED["/links.tar.gz"] = tar.getvalue()
        self.profile("links.tar.gz")
        self.refused("links.tar.gz")

    def test_archives(self):
        for path in ("net.onnx.bz2", "nets.zip", "nets.tar.gz"):
            with self.subTest(path):
                self.profile(path)
                self.fetched()
                (self.target / "net.onnx").unlink()

    def test_an_archive_of_two_files_is_downloaded_once(self):
        self.profile("nets.tar.gz")
        path = self.folder / "net.json"
        profile = json.loads(path.read_text())
        profile["files"].append({**profile["files"][0], "name": "net.txt"})
        path.write_text(json.dumps(profile))
        done = self.fetch("net")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(p.name for p in self.target.iterdir()), ["net.onnx", "net.txt"])
        self.assertEqual(len(self.server.ranges), 1)

    def test_damaged_archives(self):
        for path, words in (("cut.onnx.bz2", ["cannot be unpacked"]),
                            ("text.onnx.bz2", ["cannot be unpacked"]),
                            ("text.zip", ["cannot be unpacked"])):
            with self.subTest(path):
                self.profile(path)
                self.refused(path, *words)
                self.assertEqual(list(self.target.iterdir()), [])
        self.profile("nets.zip", name="other.onnx")
        self.refused("holds no other.onnx")
        self.profile("net.onnx.bz2", sha256="0" * 64)
        self.refused("another sha256")

    def test_gone(self):
        self.profile("gone")
        self.refused("/gone", "404", str(self.target))

    def test_no_network(self):
        self.profile("whole", url="https://127.0.0.1:9/net.onnx")
        self.refused("https://127.0.0.1:9/net.onnx", "cannot be reached", "copy it to")

    def test_no_official_place(self):
        self.profile("whole", url=None)
        self.refused("net.onnx", "ask the authors")

    def test_a_folder_that_cannot_be_made(self):
        self.profile("whole")
        (self.folder / "data").write_text("a file")
        self.refused(str(self.folder / "data"), "cannot be written")

    def test_unknown_name(self):
        self.profile("whole")
        self.refused("'nett'", "known are", "net", name="nett")

    def test_no_curl(self):
        self.profile("whole")
        path = self.folder / "bin"
        path.mkdir()
        (path / "python3").symlink_to("/usr/bin/python3")
        (path / "env").symlink_to("/usr/bin/env")
        self.refused("apt install curl", PATH=str(path))

    def test_list(self):
        self.profile("whole")
        done = self.fetch("--list")
        self.assertRegex(done.stdout, r"net +embedder +- +A net")
        self.assertRegex(done.stdout, r"yunet +detector")


if __name__ == "__main__":
    unittest.main()
