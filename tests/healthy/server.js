// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// A healthy node server: handlers that answer at once, that pause a body for a while, and that never
// read it. Prints its port.
'use strict';
const http = require('http');

const server = http.createServer((req, res) => {
	if (req.url === '/sleep') {
		req.pause();
		setTimeout(() => {
			let n = 0;
			req.on('data', (chunk) => { n += chunk.length; });
			req.on('end', () => res.end(`${n}\n`));
			req.resume();
		}, 3000);
	} else if (req.url === '/chan') {
		setTimeout(() => res.end('not read\n'), 300);
	} else if (req.url === '/self') {
		http.get({ port: server.address().port, host: '127.0.0.1' }, (r) => r.pipe(res));
	} else {
		res.end('hello\n');
	}
});

// With WORKERS=N as many processes share the port.
const cluster = require('cluster');
if (cluster.isMaster && process.env.WORKERS) {
	for (let i = 0; i < Number(process.env.WORKERS); i++)
		cluster.fork();
	cluster.once('listening', (worker, address) => console.log(address.port));
} else {
	server.listen(0, '127.0.0.1', () => {
		if (cluster.isMaster)
			console.log(server.address().port);
	});
}
