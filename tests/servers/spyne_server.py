"""The order service by Spyne: `python spyne_server.py [PORT]` prints `ready PORT` and ends when its standard input closes.

/soap11 and /soap12 speak document/literal wrapped by a contract that Spyne makes itself, at ?wsdl.
"""

import importlib
import logging
import os
import sys
import threading
from decimal import Decimal as Exact
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

# The old six that Spyne brings finds these only in versions of Python before 3.12.
for name, module in {
    "collections_abc": "collections.abc",
    "http_cookies": "http.cookies",
    "urllib": "urllib",
    "urllib.error": "urllib.error",
    "urllib.parse": "urllib.parse",
    "urllib.request": "urllib.request",
}.items():
    sys.modules[f"spyne.util.six.moves.{name}"] = importlib.import_module(module)

from spyne import Application, ComplexModel, Fault, ServiceBase, rpc  # noqa: E402
from spyne.model.binary import ByteArray  # noqa: E402
from spyne.model.complex import Array  # noqa: E402
from spyne.model.primitive import DateTime, Decimal, Integer32, Unicode  # noqa: E402
from spyne.protocol.soap import Soap11, Soap12  # noqa: E402
from spyne.server.wsgi import WsgiApplication  # noqa: E402

ORDERS = "urn:example:orders"


class Model(ComplexModel):
    __abstract__ = True
    __namespace__ = ORDERS


def text(**more):
    return Unicode(min_occurs=1, nillable=False, **more)


class Customer(Model):
    _type_info = [("Name", text()), ("Country", text()), ("Email", Unicode(nillable=False))]


class Line(Model):
    _type_info = [
        ("Sku", text()),
        ("Quantity", Integer32(min_occurs=1, nillable=False)),
        ("Price", Decimal(min_occurs=1, nillable=False)),
        ("Tag", Unicode(max_occurs="unbounded", nillable=False)),
    ]


class Order(Model):
    _type_info = [
        ("Number", text()),
        ("Placed", DateTime(min_occurs=1, nillable=False)),
        ("Customer", Customer.customize(min_occurs=1, nillable=False)),
        ("Line", Line.customize(min_occurs=1, max_occurs="unbounded", nillable=False)),
        ("Note", Unicode(nillable=False)),
        ("Discount", Decimal(min_occurs=1)),
    ]


class Item(Model):
    _type_info = [("Sku", text()), ("Amount", Decimal(min_occurs=1, nillable=False))]


class Receipt(Model):
    _type_info = [
        ("Number", text()),
        ("Placed", DateTime(min_occurs=1, nillable=False)),
        ("Total", Decimal(min_occurs=1, nillable=False)),
        # Spyne's own form of a list: an element around the items.
        ("Items", Array(Item)),
        ("Note", Unicode(nillable=False)),
        ("Discount", Decimal(min_occurs=1)),
    ]


class Stored(Model):
    _type_info = [("Size", Integer32), ("Data", ByteArray)]


class Stock(Model):
    _type_info = [("Id", Unicode), ("Available", Integer32)]


# Spyne looks for the messages of header blocks in the blocks' own namespace and by their own names: they are of the
# namespace of the contract here, and not named like an operation.
class SessionHeader(Model):
    _type_info = [("Id", text())]


class Limits(Model):
    _type_info = [("Left", Integer32(min_occurs=1, nillable=False))]


class OutOfStock(Fault):
    """A declared fault; Spyne takes the detail as a dictionary, and its contract says nothing of it."""

    __namespace__ = ORDERS

    def __init__(self, sku):
        name = f"{{{ORDERS}}}%s".__mod__
        detail = {name("OutOfStock"): {name("Sku"): sku, name("Available"): "3"}}
        super().__init__("Server", f"Only 3 of {sku} are left.", detail=detail)


notified = []


class Orders(ServiceBase):
    @rpc(Order, _returns=Receipt, _body_style="wrapped", _out_variable_name="Receipt")
    def PlaceOrder(ctx, Order):
        items = [Item(Sku=line.Sku, Amount=line.Quantity * line.Price) for line in Order.Line]
        total = sum((item.Amount for item in items), Exact(0))
        same = {name: getattr(Order, name) for name in ("Number", "Placed", "Note", "Discount")}
        return Receipt(Total=total, Items=items, **same)

    @rpc(Unicode, Integer32, _returns=Integer32, _throws=OutOfStock, _out_variable_name="Reserved")
    def FailOrder(ctx, Sku, Quantity):
        raise OutOfStock(Sku)

    @rpc(Unicode)
    def Crash(ctx, Why):
        # What is no Fault is answered as one with another text than this.
        raise RuntimeError(Why)

    @rpc(Unicode, _returns=Stock, _in_header=(SessionHeader,), _out_header=(Limits,), _out_variable_name="Stock")
    def Session(ctx, Sku):
        if ctx.in_header is None:
            raise Fault("Client", "The header Session is missing.")
        ctx.out_header = Limits(Left=9)
        return Stock(Id=ctx.in_header.Id, Available=7)

    @rpc(Unicode)
    def Notify(ctx, Number):
        notified.append(Number)

    @rpc(_returns=Integer32, _out_variable_name="Count")
    def Notified(ctx):
        return len(notified)

    @rpc(Unicode, ByteArray, _returns=Stored, _out_variable_name="Stored")
    def Attach(ctx, Name, Data):
        return Stored(Size=sum(map(len, Data)), Data=Data)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def application(protocol):
    received = protocol(validator="lxml")
    made = Application([Orders], ORDERS, name="Orders", in_protocol=received, out_protocol=protocol())
    return WsgiApplication(made)


def main():
    logging.disable(logging.CRITICAL)
    served = {"/soap11": application(Soap11), "/soap12": application(Soap12)}

    def route(environ, start_response):
        found = served.get(environ["PATH_INFO"])
        if found is None:
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        return found(environ, start_response)

    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = make_server("127.0.0.1", port, route, Server, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", server.server_port, flush=True)
    sys.stdin.read()
    os._exit(0)


main()
