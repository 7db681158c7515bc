"""What an ONVIF camera says: a responder to WS-Discovery and the few SOAP calls that lead to a stream.

No camera: it answers over real sockets what the standards and cameras' manuals say, and checks the digest of a
password; how far real cameras stray from them it cannot tell.
"""

import base64
import hashlib
import re
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

GROUP, PORT = "239.255.255.250", 3702
LOOPBACK = "127.0.0.1"
MATCH = """<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>
<a:RelatesTo>{asked}</a:RelatesTo><a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action>
</s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>
<a:EndpointReference><a:Address>urn:uuid:{uuid}</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types>
<d:Scopes>onvif://www.onvif.org/name/{name} onvif://www.onvif.org/hardware/{model}</d:Scopes>
<d:XAddrs>http://[fe80::1]/onvif/device_service {service}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>
</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"""
ENVELOPE = """<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"
 xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error"><s:Body>{body}</s:Body></s:Envelope>"""
REFUSED = """<s:Fault>
<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>
<s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>"""
SERVICES = """<tds:GetServicesResponse>
<tds:Service><tds:Namespace>http://www.onvif.org/ver10/device/wsdl</tds:Namespace><tds:XAddr>{service}</tds:XAddr></tds:Service>
<tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace><tds:XAddr>http://192.0.2.9/media</tds:XAddr></tds:Service>
</tds:GetServicesResponse>"""
DATE = """<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime>
<tt:Time><tt:Hour>1</tt:Hour><tt:Minute>2</tt:Minute><tt:Second>3</tt:Second></tt:Time>
<tt:Date><tt:Year>2020</tt:Year><tt:Month>1</tt:Month><tt:Day>1</tt:Day></tt:Date>
</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"""
ABOUT = """<tds:GetDeviceInformationResponse><tds:Manufacturer>Maker</tds:Manufacturer><tds:Model>Model 7</tds:Model>
</tds:GetDeviceInformationResponse>"""
PROFILE = """<trt:Profiles token="{name}"><tt:Name>{name}</tt:Name><tt:VideoEncoderConfiguration token="v">
<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution>
<tt:RateControl><tt:FrameRateLimit>15</tt:FrameRateLimit></tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>"""
URI = "<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{uri}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>"


@dataclass
class Device:
    """`streams` are (width, height, address) by profile; `asked` is what it was asked by SOAP, headers and all."""

    streams: Mapping[str, tuple[int, int, str]]
    user: str = "admin"
    password: str = "open-sesame"
    name: str = "Front%20door"
    model: str = "M7"
    uuid: str = "00000000-0000-0000-0000-000000000007"
    asked: list[str] = field(default_factory=list)
    service: str = ""

    def answer(self, asked: str) -> tuple[int, str]:
        self.asked.append(asked)
        operation = next((name for name in ("GetServices", "GetSystemDateAndTime") if name in asked), "")
        if not operation and not self._knows(asked):
            return 400, ENVELOPE.format(body=REFUSED)
        return 200, ENVELOPE.format(body=self._body(asked))

    def match(self, asked: str) -> str:
        message = re.search(r"MessageID>([^<]*)<", asked)
        return MATCH.format(
            asked=message and message[1], uuid=self.uuid, name=self.name, model=self.model, service=self.service
        )

    def _body(self, asked: str) -> str:
        if "GetServices" in asked:
            return SERVICES.format(service=self.service)
        if "GetSystemDateAndTime" in asked:
            return DATE
        if "GetDeviceInformation" in asked:
            return ABOUT
        if "GetProfiles" in asked:
            profiles = [
                PROFILE.format(name=name, width=wide, height=high) for name, (wide, high, _) in self.streams.items()
            ]
            return f"<trt:GetProfilesResponse>{''.join(profiles)}</trt:GetProfilesResponse>"
        token = re.search(r"ProfileToken>([^<]*)<", asked)
        return URI.format(uri=self.streams[token[1] if token else ""][2].replace("&", "&amp;"))

    def _knows(self, asked: str) -> bool:
        """WS-Security's digest of nonce, time and password."""
        found = [
            re.search(rf"<\w+:{name}(?: [^>]*)?>([^<]*)<", asked)
            for name in ("Username", "Nonce", "Created", "Password")
        ]
        if not all(found):
            return False
        user, nonce, created, digest = (each[1] for each in found if each)
        wanted = hashlib.sha1(base64.b64decode(nonce) + created.encode() + self.password.encode()).digest()
        return user == self.user and digest == base64.b64encode(wanted).decode()


@contextmanager
def onvif(device: Device) -> Iterator[Device]:
    """Serves a device on loopback, WS-Discovery's group and all."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            status, answer = device.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(status)
            self.send_header("Content-Type", "application/soap+xml")
            self.send_header("Content-Length", str(len(answer.encode())))
            self.end_headers()
            self.wfile.write(answer.encode())

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    device.service = f"http://{LOOPBACK}:{server.server_port}/onvif/device_service"
    listening = _group()
    threads = [Thread(target=server.serve_forever, args=(0.05,)), Thread(target=_answer, args=(listening, device))]
    for thread in threads:
        thread.start()
    try:
        yield device
    finally:
        server.shutdown()
        server.server_close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (LOOPBACK, PORT))
        for thread in threads:
            thread.join()
        listening.close()


def _group() -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("", PORT))
    joined = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(LOOPBACK))
    listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
    return listening


def _answer(listening: socket.socket, device: Device) -> None:
    while True:
        asked, sender = listening.recvfrom(65536)
        if not asked:
            return
        listening.sendto(b"no XML", sender)
        listening.sendto(device.match(asked.decode()).encode(), sender)
