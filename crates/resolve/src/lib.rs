//! Name resolution by hickory for the C library's getaddrinfo.
