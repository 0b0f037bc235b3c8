// Package web is the HTTP client for strangers' addresses.
package web
