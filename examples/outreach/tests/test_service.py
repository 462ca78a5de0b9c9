# SPDX-License-Identifier: Apache-2.0
import io
import json
import threading
import urllib.request
from http.client import HTTPConnection

from outreach import database
from outreach.server import Server
from tests.world import Browser, WorldTest


class StatusTest(WorldTest):
    def test_a_migrated_service_is_well(self) -> None:
        answer = Browser(self).get("/health").response
        self.assertEqual((int(answer.status), json.loads(answer.body)["status"]), (200, "ok"))

    def test_a_service_with_missing_migrations_is_not_well(self) -> None:
        database.roll_back(self.data, 0)
        answer = Browser(self).get("/health").response
        self.assertEqual((int(answer.status), json.loads(answer.body)["status"]), (503, "failing"))

    def test_a_service_with_damaged_data_is_not_well(self) -> None:
        self.data.file.write_bytes(b"no database at all" * 100)
        answers = [int(Browser(self).get(path).response.status) for path in ("/health", "/metrics")]
        self.assertEqual(answers, [503, 503])

    def test_the_version_is_told(self) -> None:
        self.assertEqual(json.loads(Browser(self).get("/version").response.body), {"version": "9.9.9"})

    def test_every_answer_carries_the_security_headers(self) -> None:
        paths = ("/", "/login", "/health", "/nowhere", "/style.css", "/tasks")
        policies = [dict(Browser(self).get(path).response.headers).get("Content-Security-Policy", "") for path in paths]
        self.assertTrue(all("default-src 'none'" in policy for policy in policies))

    def test_what_is_not_there_is_not_found(self) -> None:
        statuses = [
            int(Browser(self).get(path).response.status) for path in ("/nowhere", "/tasks/x", "/health/../tasks")
        ]
        self.assertEqual(statuses, [404, 404, 404])

    def test_a_route_is_not_answered_for_another_method(self) -> None:
        answer = Browser(self).post("/health").response
        self.assertEqual((int(answer.status), dict(answer.headers)["Allow"]), (405, "GET"))

    def test_the_session_cookie_is_out_of_reach_of_scripts(self) -> None:
        cookies = [value for name, value in Browser(self).get("/login").response.headers if name == "Set-Cookie"]
        self.assertEqual(["HttpOnly; SameSite=Lax" in cookie for cookie in cookies], [True])


class SocketTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        self.log = io.StringIO()
        self.server = Server(self.app, "127.0.0.1", 0, lambda: self.now, self.log)
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def ask(self, method: str, path: str, **headers: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        self.addCleanup(connection.close)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.read()

    def test_a_page_comes_over_the_socket(self) -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.server_port}/login", timeout=10) as response:
            self.assertIn(b"Log in", response.read())

    def test_every_answer_names_its_release(self) -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.server_port}/login", timeout=10) as response:
            self.assertEqual(response.headers["Outreach-Version"], "9.9.9")

    def test_head_has_no_body(self) -> None:
        self.assertEqual(self.ask("HEAD", "/health"), (200, b""))

    def test_too_much_is_refused_unread(self) -> None:
        self.assertEqual(self.ask("POST", "/register", Content_Length="99999999")[0], 413)

    def test_a_length_that_is_no_number_is_refused(self) -> None:
        self.assertEqual(self.ask("POST", "/register", Content_Length="-1")[0], 411)

    def test_requests_are_counted_by_route(self) -> None:
        self.ask("GET", "/health")
        self.ask("GET", "/nowhere")
        _, text = self.ask("GET", "/metrics")
        self.assertIn(b'outreach_http_requests_total{method="GET",route="/health",status="200"} 1\n', text)
        self.assertIn(b'outreach_http_requests_total{method="GET",route="unknown",status="404"} 1\n', text)

    def test_each_request_is_one_line_without_its_address(self) -> None:
        self.ask("GET", "/tasks?q=secret")
        self.server.shutdown()
        self.server.server_close()
        line = json.loads(self.log.getvalue())
        self.assertEqual((line["route"], line["status"], "secret" in self.log.getvalue()), ("/tasks", 303, False))
