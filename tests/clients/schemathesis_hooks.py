"""What schemathesis is told beside the description: how to send text in the formats of files."""

import schemathesis


@schemathesis.serializer("application/EDI-X12", "application/EDIFACT")
def text(_context, value):
    """Any value as the text it would have."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
