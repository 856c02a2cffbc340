/* The operations of encoded.wsdl: what is answered twice is one value with references to it. */

#define MODE (SOAP_XML_GRAPH)

/* The items, the texts of all lines and the total of a receipt. */
static void sum(struct soap *soap, struct ArrayOfLine *lines, struct o__Receipt *receipt)
{
    int tags = 0;
    for (int at = 0; at < lines->__size; at++)
        tags += lines->__ptr[at]->Tags ? lines->__ptr[at]->Tags->__size : 0;
    receipt->Items = soap_new_ArrayOfItem(soap, 1);
    receipt->Items->__size = lines->__size;
    receipt->Items->__ptr = soap_malloc(soap, lines->__size * sizeof *receipt->Items->__ptr);
    receipt->Tags = soap_new_ArrayOfString(soap, 1);
    receipt->Tags->__size = 0;
    receipt->Tags->__ptr = soap_malloc(soap, (tags + 1) * sizeof *receipt->Tags->__ptr);
    long total = 0;
    for (int at = 0; at < lines->__size; at++) {
        struct o__Line *line = lines->__ptr[at];
        long amount = line->Quantity * cents(line->Price);
        struct o__Item *item = soap_new_o__Item(soap, 1);
        item->Sku = line->Sku;
        item->Amount = money(soap, amount);
        receipt->Items->__ptr[at] = item;
        total += amount;
        for (int tag = 0; line->Tags && tag < line->Tags->__size; tag++)
            receipt->Tags->__ptr[receipt->Tags->__size++] = line->Tags->__ptr[tag];
    }
    receipt->Total = money(soap, total);
}

int o__PlaceOrder(struct soap *soap, struct o__Order *order, struct o__PlaceOrderResponse *out)
{
    struct o__Receipt *receipt = soap_new_o__Receipt(soap, 1);
    sum(soap, order->Lines, receipt);
    receipt->Number = order->Number;
    receipt->Placed = order->Placed;
    receipt->Customer = receipt->Payer = order->Customer;
    receipt->Note = order->Note;
    receipt->Discount = order->Discount;
    out->Receipt = receipt;
    return SOAP_OK;
}

int o__FailOrder(struct soap *soap, char *sku, int quantity, int *reserved)
{
    int code = only_three(soap, sku);
    struct SOAP_ENV__Detail *detail = detail_of(soap);
    detail->__type = SOAP_TYPE_o__OutOfStock;
    detail->fault = out_of_stock(soap, sku);
    return code;
}

int o__Crash(struct soap *soap, char *why, struct o__CrashResponse *out)
{
    return soap_receiver_fault(soap, why, NULL);
}

int o__Session(struct soap *soap, char *sku, struct o__SessionResponse *out)
{
    out->Id = session_id(soap);
    out->Available = 7;
    return out->Id ? SOAP_OK : SOAP_FAULT;
}

int o__Notify(struct soap *soap, char *number)
{
    notified++;
    return soap_send_empty_response(soap, 202);
}

int o__Notified(struct soap *soap, int *count)
{
    *count = notified;
    return SOAP_OK;
}

int o__Attach(struct soap *soap, char *name, struct xsd__base64Binary data, struct o__AttachResponse *out)
{
    out->Size = data.__size;
    out->Data = data;
    return SOAP_OK;
}
