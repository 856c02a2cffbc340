"""Reads answers whose data stands in parts of its own with zeep: one JSON object a line."""
import json
import sys

from zeep import Client, Plugin, Settings
from zeep.wsdl.attachments import MessagePack


class Answers(Plugin):
    """Keeps the media type of the last answer."""

    media = ""

    def ingress(self, envelope, http_headers, operation):
        self.media = http_headers["Content-Type"].split(";")[0]
        return envelope, http_headers


answers = Answers()
client = Client(sys.argv[1], settings=Settings(strict=True), plugins=[answers])
data = bytes(at % 256 for at in range(3000))
for port, version in [("DocumentsPort", "1.1"), ("DocumentsPort12", "1.2")]:
    answer = client.bind("Documents", port).createDocument({"Name": "n", "Data": data})
    if isinstance(answer, MessagePack):
        answer = answer.root
    same = answer["Data"] == data
    print(json.dumps({"version": version, "sent": answer["Name"], "same": same, "answer": answers.media}))
