// The network door against small servers on 127.0.0.1 port 0 and on Unix sockets: what it reports, and what it survives.
