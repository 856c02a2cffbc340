"""Checks requests by the schemas of their contracts with libxml2, or with zeep where libxml2 does not read the schemas.

Called with a file and the folder of the corpora. Each line of the file is a contract:
{"file", "wsdl", "schemas": [{"namespace", "text"}], "envelopes": [{"id", "xml"}]}. For each a line is printed:
{"file", "by", "why", "checked", "wrong": {id: why}, "spoiled", "refused", "constructs": {name: [id]}}; the numbers before the last
tell that the check is one: of each message a copy with a foreign element at the end of its body is checked too.
"""
import copy
import json
import multiprocessing
import pathlib
import sys
import tempfile

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
ENVELOPES = ("{http://schemas.xmlsoap.org/soap/envelope/}", "{http://www.w3.org/2003/05/soap-envelope}")
ENCODINGS = ("http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/2003/05/soap-encoding")
ARRAYS = tuple(f"{{{encoding}}}Array" for encoding in ENCODINGS)
GROUPS = ("sequence", "choice", "all", "group")
CORPORA = pathlib.Path(sys.argv[2])
PLACES = json.loads((CORPORA / "url-map.json").read_text(encoding="utf-8"))
PARSER = etree.XMLParser(resolve_entities=False, huge_tree=True, remove_comments=True)


def name_of(node, value):
    """What a name in a schema stands for."""
    prefix, _, local = value.strip().rpartition(":")
    namespace = node.nsmap.get(prefix or None)
    return f"{{{namespace}}}{local}" if namespace else local


class Schemas:
    """The schemas of a contract: one file for each, one for each namespace that includes those, and one that imports them."""

    def __init__(self, given):
        self.documents = {}
        for one in given:
            root = etree.fromstring(one["text"].encode(), PARSER)
            self.documents.setdefault(one["namespace"], []).append(root)

    def compiled(self, folder):
        """The schemas as libxml2 compiles them."""
        places = {namespace: f"{at}.xsd" for at, namespace in enumerate(self.documents)}
        for namespace, roots in self.documents.items():
            whole = self.schema(namespace)
            for number, root in enumerate(roots):
                place = f"{number}-{places[namespace]}"
                etree.SubElement(whole, f"{XS}include", schemaLocation=place)
                (folder / place).write_bytes(etree.tostring(self.prepared(root, namespace, places), encoding="utf-8"))
            (folder / places[namespace]).write_bytes(etree.tostring(whole))
        whole = self.schema("urn:all")
        for namespace, place in places.items():
            self.imported(whole, 0, namespace, place)
        (folder / "all.xsd").write_bytes(etree.tostring(whole))
        return etree.XMLSchema(file=str(folder / "all.xsd"))

    def schema(self, namespace):
        return etree.Element(f"{XS}schema", **({"targetNamespace": namespace} if namespace else {}))

    def imported(self, schema, at, namespace, place):
        item = etree.Element(f"{XS}import", schemaLocation=place)
        if namespace:
            item.set("namespace", namespace)
        schema.insert(at, item)

    def prepared(self, root, own, places):
        """A document that imports all others, whether it says so or not; arrays hold what the encoding lets them."""
        root = copy.deepcopy(root)
        for item in list(root.iterchildren(f"{XS}import")):
            root.remove(item)
        for namespace, place in places.items():
            if namespace != own:
                self.imported(root, 0, namespace, place)
        for item in root.iter(f"{XS}restriction"):
            base = item.get("base")
            is_bare = all(item.find(XS + tag) is None for tag in GROUPS)
            if base and name_of(item, base) in ARRAYS and is_bare:
                inner = etree.Element(f"{XS}sequence")
                rule = {"minOccurs": "0", "maxOccurs": "unbounded", "processContents": "lax"}
                etree.SubElement(inner, f"{XS}any", rule)
                item.insert(1 if item.find(f"{XS}annotation") is not None else 0, inner)
        return root


class Constructs:
    """What the declarations that an element leads to are made of."""

    def __init__(self, schemas):
        self.globals, self.heirs, self.redefines = {}, {}, False
        for namespace, roots in schemas.documents.items():
            for root in roots:
                self.redefines |= root.find(f"{XS}redefine") is not None
                for node in root.iterchildren(etree.Element):
                    self.add(namespace, node)
                for node in root.iter(f"{XS}extension", f"{XS}restriction"):
                    holder = node.getparent().getparent()
                    if holder.tag == f"{XS}complexType" and holder.get("name") and node.get("base"):
                        self.heirs.setdefault(name_of(node, node.get("base")), []).append(holder)

    def add(self, namespace, node):
        if not (isinstance(node.tag, str) and node.get("name")):
            return
        name = f"{{{namespace}}}{node.get('name')}" if namespace else node.get("name")
        kind = "type" if node.tag.endswith("Type") else etree.QName(node).localname
        self.globals[kind, name] = node
        if node.get("substitutionGroup"):
            head = name_of(node, node.get("substitutionGroup"))
            self.globals.setdefault(("members", head), []).append(node)

    def of(self, roots):
        """The constructs that elements of these names lead to."""
        found, seen = set(), set()
        open_ = [self.globals[key] for key in (("element", name) for name in roots) if key in self.globals]
        while open_:
            top = open_.pop()
            if top in seen:
                continue
            seen.add(top)
            for node in top.iter(f"{XS}*"):
                self.look(node, found, open_)
        return found | ({"redefine"} if self.redefines else set())

    def look(self, node, found, open_):
        tag = etree.QName(node).localname
        if tag in ("list", "union", "any", "anyAttribute", "simpleContent", "choice"):
            found.add(tag)
        if tag in GROUPS and node.get("maxOccurs", "1") not in ("0", "1"):
            found.add("group that repeats")
        if tag in ("element", "attribute") and not node.get("ref") and not node.get("substitutionGroup"):
            typed = name_of(node, node.get("type")) if node.get("type") else None
            if typed is None and node.find(f"{XS}simpleType") is None and node.find(f"{XS}complexType") is None:
                typed = XS + ("anyType" if tag == "element" else "anySimpleType")
            if typed in (f"{XS}anyType", f"{XS}anySimpleType"):
                found.add(etree.QName(typed).localname)
        for attribute, kinds in (("type", "type"), ("base", "type"), ("itemType", "type"), ("ref", tag)):
            if not node.get(attribute):
                continue
            name = name_of(node, node.get(attribute))
            kind = kinds if kinds == "type" else tag
            if (kind, name) in self.globals:
                open_.append(self.globals[kind, name])
            if attribute == "type" and tag == "element" and name in self.heirs and not name.startswith(XS):
                found.add("derivation by xsi:type")
                open_.extend(self.heirs[name])
            if tag == "element" and attribute == "ref" and ("members", name) in self.globals:
                found.add("substitutionGroup")
                open_.extend(self.globals["members", name])


def payloads(envelope):
    """The blocks of the header and the elements of the body, each as a document of its own."""
    for soap in ENVELOPES:
        for holder in envelope.iterchildren(f"{soap}Header", f"{soap}Body"):
            for element in holder:
                yield etree.fromstring(etree.tostring(element, encoding="utf-8", with_tail=False), PARSER)


def by_zeep(wsdl):
    """A check with what zeep makes of the contract itself."""
    import zeep

    class Offline(zeep.Transport):
        """Nothing is fetched: what has an address is among the corpora."""

        def load(self, url):
            if "://" not in url or url.startswith("file:"):
                return super().load(url)
            for scheme in ("http", "https"):
                place = PLACES.get(f"{scheme}://{url.partition('://')[2]}")
                if place:
                    return (CORPORA / place).read_bytes()
            raise OSError(f"nothing is fetched: {url}")

    settings = zeep.Settings(strict=True, xml_huge_tree=True)
    types = zeep.Client(wsdl, transport=Offline(), settings=settings).wsdl.types

    def check(element):
        types.get_element(element.tag).parse(element, types)

    return check


def checked(line):
    """A line of the output; what goes wrong in it is told with the contract, as exceptions of lxml cannot leave a process."""
    given = json.loads(line)
    try:
        return json.dumps(judged(given))
    except Exception as error:
        raise RuntimeError(f"{given['file']}: {error!r}") from None


def judged(given):
    schemas = Schemas(given["schemas"])
    result = {"file": given["file"], "by": "libxml2", "why": None, "checked": 0, "wrong": {}}
    result |= {"spoiled": 0, "refused": 0, "constructs": {}}
    try:
        with tempfile.TemporaryDirectory() as folder:
            check = schemas.compiled(pathlib.Path(folder)).assertValid
    except etree.LxmlError as error:
        result["by"], result["why"] = "zeep", str(error)
        try:
            check = by_zeep(given["wsdl"])
        except Exception as error:  # zeep raises whatever its parts do
            result["by"], result["why"] = None, f"{result['why']}; zeep: {error}"
            check = None
    constructs = Constructs(schemas)
    for one in given["envelopes"]:
        elements = list(payloads(etree.fromstring(one["xml"].encode(), PARSER)))
        for name in constructs.of([element.tag for element in elements]):
            result["constructs"].setdefault(name, []).append(one["id"])
        if check is None:
            continue
        try:
            for element in elements:
                check(element)
            result["checked"] += 1
        except Exception as error:
            result["wrong"][one["id"]] = f"{type(error).__name__}: {error}"
        for spoiled in elements[-1:]:
            etree.SubElement(spoiled, "{urn:nobody}stranger")
            result["spoiled"] += 1
            try:
                check(spoiled)
            except Exception:
                result["refused"] += 1
    return result


if __name__ == "__main__":
    lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    with multiprocessing.Pool() as pool:
        for line in pool.imap_unordered(checked, lines):
            print(line, flush=True)
