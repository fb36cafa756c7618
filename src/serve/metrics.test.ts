import { expect, test } from "vitest";
import { Counter, Gauge, Histogram, metricsText } from "./metrics.ts";

test("metrics are the text that Prometheus reads", () => {
  const requests = new Counter("requests_total", "Requests.");
  requests.add({ route: "/a", status: "200" });
  requests.add({ route: "/a", status: "200" });
  requests.add({ route: "/b", status: "404" });
  const seconds = new Histogram("seconds", "Seconds.");
  for (const time of [0.001, 0.05, 0.3, 100]) seconds.observe({ stage: "decode" }, time);
  expect(metricsText([requests, seconds, new Gauge("inside", "Requests inside.", () => 3)])).toMatchInlineSnapshot(`
    "# HELP requests_total Requests.
    # TYPE requests_total counter
    requests_total{route="/a",status="200"} 2
    requests_total{route="/b",status="404"} 1
    # HELP seconds Seconds.
    # TYPE seconds histogram
    seconds_bucket{stage="decode",le="0.005"} 1
    seconds_bucket{stage="decode",le="0.01"} 1
    seconds_bucket{stage="decode",le="0.025"} 1
    seconds_bucket{stage="decode",le="0.05"} 2
    seconds_bucket{stage="decode",le="0.1"} 2
    seconds_bucket{stage="decode",le="0.25"} 2
    seconds_bucket{stage="decode",le="0.5"} 3
    seconds_bucket{stage="decode",le="1"} 3
    seconds_bucket{stage="decode",le="2.5"} 3
    seconds_bucket{stage="decode",le="5"} 3
    seconds_bucket{stage="decode",le="10"} 3
    seconds_bucket{stage="decode",le="30"} 3
    seconds_bucket{stage="decode",le="+Inf"} 4
    seconds_sum{stage="decode"} 100.351
    seconds_count{stage="decode"} 4
    # HELP inside Requests inside.
    # TYPE inside gauge
    inside 3
    "
  `);
});
