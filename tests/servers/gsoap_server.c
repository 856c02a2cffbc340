/* The order service by gSOAP, from what wsdl2h and soapcpp2 make of wrapped.wsdl, or with -DENCODED of encoded.wsdl:
   `server [PORT]` prints `ready PORT` and ends when its standard input closes. It takes every path. */
#include "soapH.h"
#include "OrdersBinding.nsmap"
#include <arpa/inet.h>
#include <poll.h>

static int notified;

/* The cents of an amount such as 10.50. */
static long cents(const char *amount)
{
    double value = strtod(amount, NULL) * 100;
    return (long)(value < 0 ? value - 0.5 : value + 0.5);
}

static char *money(struct soap *soap, long cents)
{
    char text[32];
    snprintf(text, sizeof text, "%ld.%02ld", cents / 100, cents % 100);
    return soap_strdup(soap, text);
}

static struct o__OutOfStock *out_of_stock(struct soap *soap, char *sku)
{
    struct o__OutOfStock *detail = soap_malloc(soap, sizeof *detail);
    soap_default_o__OutOfStock(soap, detail);
    detail->Sku = sku;
    detail->Available = 3;
    return detail;
}

/* Where a fault has its detail, which depends on the version. */
static struct SOAP_ENV__Detail *detail_of(struct soap *soap)
{
    struct SOAP_ENV__Detail *detail = soap_malloc(soap, sizeof *detail);
    soap_default_SOAP_ENV__Detail(soap, detail);
    if (soap->version == 2)
        soap->fault->SOAP_ENV__Detail = detail;
    else
        soap->fault->detail = detail;
    return detail;
}

static int only_three(struct soap *soap, char *sku)
{
    char text[128];
    snprintf(text, sizeof text, "Only 3 of %s are left.", sku);
    return soap_receiver_fault(soap, soap_strdup(soap, text), NULL);
}

/* Reads the header Session, and answers with Limits; NULL and a fault when it is missing. */
static char *session_id(struct soap *soap)
{
    if (soap->header == NULL || soap->header->h__Session == NULL) {
        soap_sender_fault(soap, "The header Session is missing.", NULL);
        return NULL;
    }
    char *id = soap->header->h__Session->Id;
    soap->header->h__Session = NULL;
    soap->header->h__Limits = soap_malloc(soap, sizeof *soap->header->h__Limits);
    soap_default__h__Limits(soap, soap->header->h__Limits);
    soap->header->h__Limits->Left = 9;
    return id;
}

#ifdef ENCODED
#include "gsoap_encoded.c"
#else
#include "gsoap_wrapped.c"
#endif

int main(int count, char **arguments)
{
    struct soap *soap = soap_new1(MODE);
    soap->bind_flags = SO_REUSEADDR;
    soap->recv_timeout = soap->send_timeout = 10;
    SOAP_SOCKET master = soap_bind(soap, "127.0.0.1", count > 1 ? atoi(arguments[1]) : 0, 100);
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (!soap_valid_socket(master) || getsockname(master, (struct sockaddr *)&address, &length)) {
        soap_print_fault(soap, stderr);
        return 1;
    }
    printf("ready %d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct pollfd waits[] = {{0, POLLIN, 0}, {master, POLLIN, 0}};
    while (poll(waits, 2, -1) > 0 && waits[0].revents == 0) {
        if (soap_valid_socket(soap_accept(soap)))
            soap_serve(soap);
        soap_destroy(soap);
        soap_end(soap);
    }
    soap_free(soap);
    return 0;
}
