"""Real servers for what leaves the platform: SMTP, plain HTTP and TLS, each in a thread of the test process."""

from __future__ import annotations

import datetime
import ipaddress
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail into ``mails`` as (recipient, text). ``answers``: replies to RCPT still to be given instead of 250."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.mails: list[tuple[str, str]] = []
        self.senders: list[str] = []
        self.answers: list[str] = []


class _Mail(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        recipient = ""
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                self.say("354 go on")
                text = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    text += part
                self.server.mails.append((recipient, text.decode()))
                self.say("250 taken")
            elif verb == "RCPT" and self.server.answers:
                self.say(self.server.answers.pop(0))
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                if verb == "RCPT":
                    recipient = line.partition(":")[2].strip("<> ")
                elif verb == "MAIL":
                    self.server.senders.append(line.partition(":")[2].partition(">")[0].strip("<> "))
                self.say("250 fine")


class WebServer(ThreadingHTTPServer):
    """Keeps what is posted in ``posts`` as (path, JSON). ``answers``: (status, JSON) to be given first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Web)
        self.posts: list[tuple[str, Any]] = []
        self.answers: list[tuple[int, Any]] = []
        self.standard: Any = {"errcode": 0, "errmsg": "ok"}
        self.url = ""


class _Web(BaseHTTPRequestHandler):
    server: WebServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, json.loads(body)))
        status, answer = self.server.answers.pop(0) if self.server.answers else (200, self.server.standard)
        content = json.dumps(answer).encode()
        self.send_response(status)
        if status in (301, 302, 307):
            self.send_header("Location", "https://localhost/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def running(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def with_tls(server: WebServer, folder: Path) -> Path:
    """Make the server speak TLS under a certificate of its own for localhost; returns the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    since = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + datetime.timedelta(days=36_500))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "localhost.pem", folder / "localhost.key"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return public


@contextmanager
def group_chat(settings: Any, folder: Path, monkeypatch: Any) -> Iterator[WebServer]:
    """The side of a group chat, by real TLS and allowed to be called; ``url`` is the address of its robot."""
    server = WebServer()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(with_tls(server, folder)))
    with running(server):
        settings.ROBOT_HOSTS = [f"localhost:{server.server_address[1]}"]
        server.url = f"https://localhost:{server.server_address[1]}/robot/send?access_token=group-secret"
        yield server
