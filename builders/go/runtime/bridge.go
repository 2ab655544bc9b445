// Starts the service's own program, user-server, the way the platform wants: with VERCEL_IPC_PATH it listens on a free port
// in front of it, tells that port over the Unix socket, and tells when requests begin and end (section 5.1 of svc's services
// reference). Without, it becomes that program.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	ping     = "/_vercel/ping"
	internal = "X-Vercel-Internal-"
	patience = 30 * time.Second
)

type object = map[string]any

var (
	started = time.Now()
	channel net.Conn
	lock    sync.Mutex
)

func main() {
	self, err := os.Executable()
	if err != nil {
		fail(err)
	}
	program := filepath.Join(filepath.Dir(self), "user-server")
	path := os.Getenv("VERCEL_IPC_PATH")
	if path == "" {
		fail(syscall.Exec(program, append([]string{program}, os.Args[1:]...), os.Environ()))
	}
	if channel, err = net.Dial("unix", path); err != nil {
		fail(err)
	}
	port, err := freePort()
	if err != nil {
		fail(err)
	}
	child := exec.Command(program)
	child.Env = append(os.Environ(), "PORT="+strconv.Itoa(port))
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	if err := child.Start(); err != nil {
		fail(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		for each := range signals {
			child.Process.Signal(each)
		}
	}()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := untilListening(address, ended); err != nil {
		child.Process.Kill()
		fail(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	go http.Serve(listener, handler(address))
	tell("server-started", object{
		"initDuration": time.Since(started).Milliseconds(),
		"httpPort":     listener.Addr().(*net.TCPAddr).Port,
	})
	<-ended
	os.Exit(child.ProcessState.ExitCode())
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	tell("unrecoverable-error", object{"exitCode": 1, "message": err.Error()})
	os.Exit(1)
}

func tell(kind string, payload object) {
	if channel == nil {
		return
	}
	message, _ := json.Marshal(object{"type": kind, "payload": payload})
	lock.Lock()
	defer lock.Unlock()
	channel.Write(append(message, 0))
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func untilListening(address string, ended <-chan error) error {
	for time.Since(started) < patience {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			return connection.Close()
		}
		select {
		case <-ended:
			return fmt.Errorf("the program ended before it listened on the port in the variable PORT")
		case <-time.After(5 * time.Millisecond):
		}
	}
	return fmt.Errorf("the program does not listen on the port in the variable PORT after %s", patience)
}

// A request keeps its host, its headers and what proxies have said of the client.
func handler(address string) http.Handler {
	target := &url.URL{Scheme: "http", Host: address}
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetURL(target)
			request.Out.Host = request.In.Host
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				if values, ok := request.In.Header[name]; ok {
					request.Out.Header[name] = values
				}
			}
			for name := range request.Out.Header {
				if strings.HasPrefix(name, internal) {
					delete(request.Out.Header, name)
				}
			}
		},
	}
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if request.URL.Path == ping {
			fmt.Fprint(response, "OK")
			return
		}
		number, _ := strconv.Atoi(request.Header.Get(internal + "Request-Id"))
		context := object{"invocationId": request.Header.Get(internal + "Invocation-Id"), "requestId": number}
		tell("handler-started", object{"handlerStartedAt": time.Now().UnixMilli(), "context": context})
		defer tell("end", object{"context": context})
		proxy.ServeHTTP(response, request)
	})
}
