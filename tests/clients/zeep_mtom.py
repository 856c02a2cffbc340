"""Reads answers whose data stands in parts of its own with zeep: one JSON object a line."""
import json
import sys

from zeep import Client, Settings
from zeep.wsdl.attachments import MessagePack

client = Client(sys.argv[1], settings=Settings(strict=True))
data = bytes(at % 256 for at in range(3000))
for port, version in [("DocumentsPort", "1.1"), ("DocumentsPort12", "1.2")]:
    answer = client.bind("Documents", port).createDocument({"Name": "n", "Data": data})
    parts = []
    if isinstance(answer, MessagePack):
        parts, answer = answer.attachments, answer.root
    print(json.dumps({"version": version, "sent": answer["Name"], "same": answer["Data"] == data}))
