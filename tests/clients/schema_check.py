"""Checks messages by the schemas of their WSDL with libxml2; reads {"wsdl", "messages"} and prints what was checked."""
import json
import pathlib
import sys
import tempfile

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
ENVELOPES = ("{http://schemas.xmlsoap.org/soap/envelope/}", "{http://www.w3.org/2003/05/soap-envelope}")


def schema_of(wsdl):
    """All schemas of a WSDL as one: each in a file of its own, which the others import by its place."""
    folder = pathlib.Path(tempfile.mkdtemp())
    schemas = list(wsdl.iter(f"{XS}schema"))
    places = {schema.get("targetNamespace"): f"{at}.xsd" for at, schema in enumerate(schemas)}
    for schema in schemas:
        for item in schema.iterchildren(f"{XS}import"):
            item.set("schemaLocation", places[item.get("namespace")])
        (folder / places[schema.get("targetNamespace")]).write_bytes(etree.tostring(schema))
    root = etree.Element(f"{XS}schema", targetNamespace="urn:all")
    for namespace, place in places.items():
        item = etree.SubElement(root, f"{XS}import", schemaLocation=place)
        if namespace is not None:
            item.set("namespace", namespace)
    (folder / "all.xsd").write_bytes(etree.tostring(root))
    return etree.XMLSchema(file=str(folder / "all.xsd"))


def payloads(envelope):
    """What stands in the body, or in the detail of a fault, and the blocks of the header."""
    for soap in ENVELOPES:
        for holder in envelope.iterchildren(f"{soap}Header", f"{soap}Body"):
            for element in holder:
                if element.tag == f"{soap}Fault":
                    yield from [item for detail in element.iter("detail", f"{soap}Detail") for item in detail]
                else:
                    yield element


given = json.load(sys.stdin)
schema = schema_of(etree.fromstring(given["wsdl"].encode()))
for message in given["messages"]:
    for payload in payloads(etree.fromstring(message.encode())):
        document = etree.fromstring(etree.tostring(payload, with_tail=False))
        schema.assertValid(document)
        print(etree.QName(document).localname)
