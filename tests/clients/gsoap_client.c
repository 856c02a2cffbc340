/* Calls the service of gateway.kdl by what wsdl2h and soapcpp2 made of its WSDL: one JSON object a line. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "soapH.h"
#include "ShopBinding.nsmap"

typedef struct _c__Order Order;
typedef struct _c__Receipt Receipt;

/* The plain form: everything as text, but for what holds others, true and false; what is not there is left out. */

static int first;

/* What is asked in now: 1 for SOAP 1.1, 2 for SOAP 1.2. */
static short version;

static void text(const char *value) {
    putchar('"');
    for (; *value; value++) {
        if (*value == '"' || *value == '\\') putchar('\\');
        if (*value == '\n') printf("\\n");
        else putchar(*value);
    }
    putchar('"');
}

static void name(const char *key) {
    if (!first) putchar(',');
    first = 0;
    text(key);
    putchar(':');
}

static void open_as(char bracket) {
    putchar(bracket);
    first = 1;
}

static void close_as(char bracket) {
    putchar(bracket);
    first = 0;
}

static void next(void) {
    if (!first) putchar(',');
    first = 0;
}

static void member(const char *key, const char *value) {
    if (!value) return;
    name(key);
    text(value);
}

static void number(const char *key, int value) {
    char digits[16];
    snprintf(digits, sizeof digits, "%d", value);
    member(key, digits);
}

static void truth(const char *key, enum xsd__boolean value) {
    name(key);
    printf(value ? "true" : "false");
}

static void moment(const char *key, struct timeval value) {
    char seconds[32], all[64];
    struct tm parts;
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", gmtime_r(&value.tv_sec, &parts));
    snprintf(all, sizeof all, "%s.%06dZ", seconds, (int)value.tv_usec);
    member(key, all);
}

static void receipt(const Receipt *it) {
    name("answer");
    open_as('{');
    member("order", it->order);
    member("version", it->version);
    if (it->express) truth("express", *it->express);
    moment("Placed", it->Placed);
    name("Customer");
    open_as('{');
    member("Name", it->Customer.Name);
    member("Country", it->Customer.Country);
    member("Phone", it->Customer.Phone);
    member("Note", it->Customer.Note);
    close_as('}');
    member("Total", it->Total);
    name("Line");
    open_as('[');
    for (int at = 0; at < it->__sizeLine; at++) {
        next();
        open_as('{');
        if (it->Line[at].position) number("position", *it->Line[at].position);
        member("Sku", it->Line[at].Sku);
        member("Quantity", it->Line[at].Quantity);
        member("Price", it->Line[at].Price);
        name("Tag");
        open_as('[');
        for (int tag = 0; tag < it->Line[at].__sizeTag; tag++) {
            next();
            text(it->Line[at].Tag[tag]);
        }
        close_as(']');
        close_as('}');
    }
    close_as(']');
    close_as('}');
}

static void stock(const struct _c__Stock *it) {
    open_as('{');
    member("Sku", it->Sku);
    truth("Available", it->Available);
    number("Wanted", it->Wanted);
    close_as('}');
}

static void stocks(const struct _s__queryStockResponse *it) {
    name("answer");
    open_as('[');
    for (int at = 0; at < it->StockResponseList.__sizeStock; at++) {
        next();
        stock(&it->StockResponseList.c__Stock[at]);
    }
    close_as(']');
}

static const char *local(const char *qname) {
    const char *colon = strrchr(qname, ':');
    return colon ? colon + 1 : qname;
}

static void failure(const struct _f__failure *it) {
    name("failure");
    open_as('{');
    member("code", it->code);
    member("request", it->request);
    if (it->__sizeviolation) {
        name("violation");
        open_as('[');
        for (int at = 0; at < it->__sizeviolation; at++) {
            next();
            open_as('{');
            member("path", it->violation[at].path);
            member("line", it->violation[at].line);
            member("message", it->violation[at].message);
            close_as('}');
        }
        close_as(']');
    }
    close_as('}');
}

static void out_of_stock(const struct _c__OutOfStock *it) {
    name("OutOfStock");
    open_as('{');
    member("sku", it->sku);
    number("Left", it->Left);
    moment("Again", it->Again);
    close_as('}');
}

static void fault(struct soap *soap) {
    const struct SOAP_ENV__Fault *it = soap->fault;
    const struct SOAP_ENV__Detail *detail = it->detail ? it->detail : it->SOAP_ENV__Detail;
    name("fault");
    open_as('{');
    member("code", local(*soap_faultcode(soap)));
    if (it->SOAP_ENV__Code) {
        name("subcodes");
        open_as('[');
        for (const struct SOAP_ENV__Code *at = it->SOAP_ENV__Code->SOAP_ENV__Subcode; at; at = at->SOAP_ENV__Subcode) {
            next();
            text(local(at->SOAP_ENV__Value));
        }
        close_as(']');
    }
    member("reason", *soap_faultstring(soap));
    name("detail");
    open_as('{');
    if (detail && detail->f__failure) failure(detail->f__failure);
    if (detail && detail->c__OutOfStock) out_of_stock(detail->c__OutOfStock);
    close_as('}');
    close_as('}');
}

static void begin(const char *which) {
    open_as('{');
    member("version", version == 1 ? "1.1" : "1.2");
    member("case", which);
}

/* Ends the line of a call; what is no fault of the other side ends the program. */
static void end(struct soap *soap) {
    if (soap->error && !soap->fault) {
        soap_print_fault(soap, stderr);
        exit(1);
    }
    if (soap->error) fault(soap);
    close_as('}');
    putchar('\n');
    soap_destroy(soap);
    soap_end(soap);
}

/* Calls with an order: wrapped, or as the body's own element. */
static void create(struct soap *soap, const char *which, char *country, char *price, int bare) {
    enum xsd__boolean express = xsd__boolean__true_;
    int positions[] = {1, 2};
    char *tags[] = {"fragile", "a  b", "one"};
    struct _c__Order_Line lines[] = {
        {.position = &positions[0], .Sku = "ABC-1", .Quantity = "2", .Price = price, .__sizeTag = 2, .Tag = tags},
        {.position = &positions[1], .Sku = "XYZ-22", .Quantity = "1", .Price = "0.10", .__sizeTag = 1, .Tag = tags + 2},
    };
    Order order = {
        .id = "A-1001",
        .express = &express,
        .Placed = {.tv_sec = 1795161600, .tv_usec = 123456},
        .Customer = {.Name = "Ada & S\u00f6hne <\u6771\u4eac>", .Country = country},
        .__sizeLine = 2,
        .Line = lines,
    };
    struct _s__createOrder request = {.c__Order = &order};
    struct _s__createOrderResponse answer;
    Receipt placed;
    begin(which);
    if (bare && soap_call___s__placeOrder(soap, NULL, NULL, &order, &placed) == SOAP_OK) receipt(&placed);
    if (!bare && soap_call___s__createOrder(soap, NULL, NULL, &request, &answer) == SOAP_OK) receipt(answer.c__Receipt);
    end(soap);
}

static void query(struct soap *soap, const char *which, int count) {
    struct _c__Article articles[] = {{.Sku = "ABC-1", .Wanted = 7}, {.Sku = "XYZ-22", .Wanted = 700}};
    struct _s__queryStock request = {.StockList = {.__sizeArticle = count, .c__Article = articles}};
    struct _s__queryStockResponse answer;
    begin(which);
    if (soap_call___s__queryStock(soap, NULL, NULL, &request, &answer) == SOAP_OK) stocks(&answer);
    end(soap);
}

static void count(struct soap *soap) {
    struct _s__getCount request = {0};
    struct _s__getCountResponse answer;
    begin("count");
    if (soap_call___s__getCount(soap, NULL, NULL, &request, &answer) == SOAP_OK) {
        char digits[24];
        snprintf(digits, sizeof digits, "%lld", (long long)*answer.c__Count);
        member("answer", digits);
    }
    end(soap);
}

/* With a header block each way. */
static void reserve(struct soap *soap, const char *which, int wanted) {
    struct _h__Session session = {.User = "Ada & S\u00f6hne"};
    struct SOAP_ENV__Header header = {.h__Session = &session};
    struct _c__Article article = {.Sku = "ABC-1", .Wanted = wanted};
    struct _s__reserveStock request = {.c__Article = &article};
    struct _s__reserveStockResponse answer;
    begin(which);
    soap->header = &header;
    if (soap_call___s__reserveStock(soap, NULL, NULL, &request, &answer) == SOAP_OK) {
        const struct _h__Limits *limits = soap->header->h__Limits;
        name("answer");
        open_as('{');
        name("Stock");
        stock(answer.c__Stock);
        name("Limits");
        open_as('{');
        member("unit", limits->unit);
        member("User", limits->User);
        number("Remaining", limits->Remaining);
        close_as('}');
        close_as('}');
    }
    end(soap);
    soap->header = NULL;
}

/* Without an answer there is only a status to wait for. */
static void delete(struct soap *soap) {
    struct _c__Article article = {.Sku = "ABC-1", .Wanted = 7};
    struct _s__deleteStock request = {.c__Article = &article};
    begin("oneway");
    if (soap_send___s__deleteStock(soap, NULL, NULL, &request) == SOAP_OK && soap_recv_empty_response(soap) == SOAP_OK) {
        name("answer");
        printf("null");
    }
    end(soap);
}

/* Both bindings give the same functions; the first of the namespaces says which version they speak. */
static const struct Namespace *names(struct Namespace *copy) {
    memcpy(copy, namespaces, sizeof namespaces);
    copy[0].ns = version == 1 ? "http://schemas.xmlsoap.org/soap/envelope/" : "http://www.w3.org/2003/05/soap-envelope";
    copy[1].ns = version == 1 ? "http://schemas.xmlsoap.org/soap/encoding/" : "http://www.w3.org/2003/05/soap-encoding";
    copy[0].in = copy[1].in = NULL;
    return copy;
}

/* Addresses come from the WSDL as it was when this was built. */
int main(void) {
    for (version = 1; version <= 2; version++) {
        struct soap *soap = soap_new1(SOAP_C_UTFSTRING | SOAP_XML_STRICT);
        struct Namespace table[sizeof namespaces / sizeof *namespaces];
        soap_set_namespaces(soap, names(table));
        create(soap, "order", "DE", "1234567890123456.123456789", 0);
        create(soap, "fault", "FR", "1", 0);
        create(soap, "invalid", "DE", "-1", 0);
        query(soap, "list", 2);
        query(soap, "none", 0);
        count(soap);
        create(soap, "bare", "DE", "1234567890123456.123456789", 1);
        reserve(soap, "header", 7);
        reserve(soap, "declared", 700);
        delete(soap);
        soap_free(soap);
    }
    return 0;
}
