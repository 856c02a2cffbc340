/* The operations of wrapped.wsdl. wsdl2h makes two of each, of which the one without `_` serves both versions. */

/* Data is answered in a part of its own when it came in one. */
#define MODE (SOAP_ENC_MTOM)

static struct o__Receipt *receipt(struct soap *soap, struct o__Order *order)
{
    struct o__Receipt *receipt = soap_malloc(soap, sizeof *receipt);
    soap_default_o__Receipt(soap, receipt);
    receipt->__sizeItem = order->__sizeLine;
    receipt->Item = soap_malloc(soap, order->__sizeLine * sizeof *receipt->Item);
    long total = 0;
    for (int at = 0; at < order->__sizeLine; at++) {
        struct o__Line *line = &order->Line[at];
        long amount = line->Quantity * cents(line->Price);
        soap_default_o__Item(soap, &receipt->Item[at]);
        receipt->Item[at].Sku = line->Sku;
        receipt->Item[at].Amount = money(soap, amount);
        total += amount;
    }
    receipt->Number = order->Number;
    receipt->Placed = order->Placed;
    receipt->Total = money(soap, total);
    receipt->Note = order->Note;
    receipt->Discount = order->Discount;
    return receipt;
}

int __o__PlaceOrder(struct soap *soap, struct _o__PlaceOrder *in, struct _o__PlaceOrderResponse *out)
{
    out->Receipt = receipt(soap, in->Order);
    return SOAP_OK;
}

int __o__FailOrder(struct soap *soap, struct _o__FailOrder *in, struct _o__FailOrderResponse *out)
{
    int code = only_three(soap, in->Sku);
    detail_of(soap)->o__OutOfStock = out_of_stock(soap, in->Sku);
    return code;
}

int __o__Crash(struct soap *soap, struct _o__Crash *in, struct _o__CrashResponse *out)
{
    return soap_receiver_fault(soap, in->Why, NULL);
}

int __o__Session(struct soap *soap, struct _o__Session *in, struct _o__SessionResponse *out)
{
    out->Id = session_id(soap);
    out->Available = 7;
    return out->Id ? SOAP_OK : SOAP_FAULT;
}

int __o__Notify(struct soap *soap, struct _o__Notify *in)
{
    notified++;
    return soap_send_empty_response(soap, 202);
}

int __o__Notified(struct soap *soap, struct _o__Notified *in, struct _o__NotifiedResponse *out)
{
    out->Count = notified;
    return SOAP_OK;
}

int __o__Attach(struct soap *soap, struct _o__Attach *in, struct _o__AttachResponse *out)
{
    out->Size = in->Data.__size;
    out->Data = in->Data;
    return SOAP_OK;
}

#define SAME(name) \
    int __o__##name##_(struct soap *soap, struct _o__##name *in, struct _o__##name##Response *out) \
    { \
        return __o__##name(soap, in, out); \
    }
SAME(PlaceOrder)
SAME(FailOrder)
SAME(Crash)
SAME(Session)
SAME(Notified)
SAME(Attach)

int __o__Notify_(struct soap *soap, struct _o__Notify *in)
{
    return __o__Notify(soap, in);
}
