"""A real browser's EventSource and WebSocket against the conformance app, from a page of another origin.

    browser_check.py BUILD_FOLDER
"""

import http.server
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from peer import Checks, Server, free_port

PAGE = Path(__file__).with_name("browser_page.html").read_bytes()


class Page(http.server.BaseHTTPRequestHandler):
    outcome: list | None = None
    arrived = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE)

    def do_POST(self) -> None:
        Page.outcome = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        Page.arrived.set()

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        sys.exit("browser: no chromium here (Debian: chromium)")
    page = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    port, origin = free_port(), f"http://127.0.0.1:{page.server_address[1]}"
    server = Server([str(Path(sys.argv[1]) / "conformance-app"), str(port)], port, POND_ALLOWED_ORIGINS=origin).start()
    checks = Checks("browser")
    try:
        with tempfile.TemporaryDirectory() as profile:
            chromium = subprocess.Popen(
                [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 f"--user-data-dir={profile}", f"{origin}/?server=http://127.0.0.1:{port}"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            Page.arrived.wait(60)
            chromium.terminate()
            chromium.wait(15)
    finally:
        server.stop()
    checks.that("the page reported its outcome", Page.outcome is not None)
    for row in Page.outcome or []:
        checks.that(row["promise"], row["holds"], row["detail"])
    checks.finish()


if __name__ == "__main__":
    main()
