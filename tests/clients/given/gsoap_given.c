/* Calls the two ports of the given contract by what wsdl2h and soapcpp2 made of it: one JSON object a line. */
#include <stdio.h>
#include <time.h>

#include "soapH.h"
#include "StockDocuments.nsmap"

static void item(const struct t__Item *it) {
    printf("{\"warehouse\":\"%s\",\"Sku\":\"%s\",\"Left\":%d}", it->warehouse, it->Sku, it->Left);
}

static void check(struct soap *soap, const char *address, const char *which, int count, char **skus) {
    struct _t__CheckRequest request = {.__sizeSku = count, .Sku = skus};
    struct _t__CheckAnswer answer;
    printf("{\"case\":\"%s\",\"answer\":", which);
    if (soap_call___w__Check(soap, address, NULL, &request, &answer)) {
        printf("\"%s\"}\n", *soap_faultstring(soap));
        return;
    }
    for (int at = 0; at < answer.__sizeItem; at++) {
        putchar(at ? ',' : '[');
        item(&answer.Item[at]);
    }
    printf("]}\n");
}

static void count(struct soap *soap, const char *address) {
    struct r__CountResponse answer;
    char seconds[32];
    if (soap_call_r__Count(soap, address, NULL, "north", 3, &answer)) {
        soap_print_fault(soap, stderr);
        exit(1);
    }
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", gmtime(&answer.at.tv_sec));
    printf("{\"case\":\"rpc\",\"answer\":{\"item\":");
    item(answer.item);
    printf(",\"at\":\"%s.%06dZ\"}}\n", seconds, (int)answer.at.tv_usec);
}

int main(int number, char **arguments) {
    struct soap *soap = soap_new1(SOAP_C_UTFSTRING | SOAP_XML_STRICT);
    char *skus[] = {"ABC-1", "XYZ-22"}, *none[] = {"none"};
    check(soap, arguments[1], "document", 2, skus);
    check(soap, arguments[1], "fault", 1, none);
    count(soap, arguments[2]);
    return number != 3;
}
