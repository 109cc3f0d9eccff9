// A small HTTPS client in Go: client HOST PORT CAFILE, of `go build client.go`
//
// No preload reaches it: Go's TLS is inside the program, which nothing is linked to. `pinshim doctor` says so, and `pinshim run`
// doesn't start it. Such a program pins by itself: tls.Config.VerifyConnection.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func get(host, port, cafile string) error {
	pem, err := os.ReadFile(cafile)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	answer, err := client.Get("https://" + host + ":" + port + "/")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(os.Stdout, answer.Body)
	return err
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintf(os.Stderr, "usage: %s HOST PORT CAFILE\n", os.Args[0])
		os.Exit(2)
	}
	if err := get(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
