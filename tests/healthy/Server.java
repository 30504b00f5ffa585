// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** A healthy server over NIO, with a pool of workers that read bodies late. Prints its port. */
public class Server {
	public static void main(String[] args) throws Exception {
		HttpServer s = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
		s.setExecutor(Executors.newFixedThreadPool(16));
		s.createContext("/", (e) -> {
			try {
				if (e.getRequestURI().getPath().equals("/sleep"))
					Thread.sleep(3000);
				if (e.getRequestURI().getPath().equals("/chan"))
					Thread.sleep(300);
			} catch (InterruptedException ignored) {
			}
			e.getRequestBody().readAllBytes();
			byte[] hello = "hello\n".getBytes();
			e.sendResponseHeaders(200, hello.length);
			e.getResponseBody().write(hello);
			e.close();
		});
		s.start();
		System.out.println(s.getAddress().getPort());
	}
}
