// Package web is the HTTP client for addresses that strangers may have a hand in: feeds, pictures, pages, answers.
//
// It may use nothing of ours.
//
// Such an address must not become a way into the operator's own network (server-side request forgery). The client
// looks at the address of every connection after the name was resolved and before it is dialled, at each redirect
// anew, so neither a redirect nor a name that changes its address gets around it. Everything a server sends is
// bounded: redirects, headers, time, and with [Read] the body after decompression.
//
// Proxies of the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY) are honoured, and the proxy itself may be private.
// Behind a proxy it is the proxy that resolves the name: the client refuses what it can see is private, by the
// address or by its own look-up, but what the proxy finds under a name only the proxy can refuse.
//
// # Decisions
//
// Content encodings are net/http's own. Would change: a server that sends only deflate.
package web
