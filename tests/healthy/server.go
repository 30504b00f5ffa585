// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// A healthy net/http server: handlers that answer at once, that sleep before they read a body, and
// that wait on a channel before they do. Prints its port; calls itself, as a client, too.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

func main() {
	turns := make(chan bool)
	go func() {
		for {
			time.Sleep(300 * time.Millisecond)
			turns <- true
		}
	}()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "hello\n")
	})
	http.HandleFunc("/sleep", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(3 * time.Second)
		n, _ := io.Copy(io.Discard, r.Body)
		fmt.Fprintln(w, n)
	})
	http.HandleFunc("/chan", func(w http.ResponseWriter, r *http.Request) {
		<-turns
		n, _ := io.Copy(io.Discard, r.Body)
		fmt.Fprintln(w, n)
	})
	http.HandleFunc("/self", func(w http.ResponseWriter, r *http.Request) {
		resp, err := http.Get("http://" + r.Host + "/")
		if err == nil {
			io.Copy(w, resp.Body)
			resp.Body.Close()
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	http.Serve(l, nil)
}
