// The result of a simulation as a page for people.
#include <sstream>

#include "sim/results.h"

namespace chordial::sim {

namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

class Page {
 public:
  void line(const std::string& text) { out_ << text << '\n'; }
  void heading(const std::string& text) { line("<h2>" + escaped(text) + "</h2>"); }
  template <class Value>
  void row(const char* name, const Value& value, const char* unit = "") {
    out_ << "<tr><th>" << name << "</th><td>" << value << ' ' << unit << "</td></tr>\n";
  }
  void row(const char* name, const Distribution& d, const char* unit) {
    out_ << "<tr><th>" << name << "</th><td>" << d.mean << ' ' << unit << " (median " << d.p50
         << ", 99 % " << d.p99 << ")</td></tr>\n";
  }
  [[nodiscard]] std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

}  // namespace

std::string to_html(const Results& results, const Expectations& expect) {
  Page page;
  page.line("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>" +
            escaped(results.scenario) +
            "</title><style>body{font:16px sans-serif;margin:2em}"
            "th{text-align:left;padding-right:2em;font-weight:normal}</style></head><body>");
  page.line("<h1>" + escaped(results.scenario) + "</h1>");
  const auto missed = shortcomings(results, expect);
  page.heading(missed.empty() ? "All is well" : "Missed");
  page.line("<ul>");
  for (const std::string& text : missed)
    page.line("<li>" + escaped(text) + "</li>");
  page.line("</ul><table>");
  page.row("peers", results.peers);
  page.row("simulated time", results.simulated_s, "s");
  page.row("wall time", results.wall_s, "s");
  page.row("times real time", results.speedup);
  page.row("memory for each peer", results.bytes_per_peer, "bytes");
  page.row("events", results.events);
  page.row("look-ups started", results.lookups.started);
  page.row("look-ups answered rightly", results.lookups.correct);
  page.row("answered wrongly", results.lookups.wrong);
  page.row("answered with an error", results.lookups.error);
  page.row("timed out", results.lookups.timeout);
  page.row("hops", results.hops, "");
  page.row("time of a look-up", results.latency_ms, "ms");
  if (results.calls.started > 0) {
    page.row("calls started", results.calls.started);
    page.row("calls answered", results.calls.correct);
    page.row("calls ended by a BYE", results.calls_ended);
    page.row("time until it rings", results.call_setup_ms, "ms");
  }
  if (results.messages.started > 0) {
    page.row("messages written", results.messages.started);
    page.row("messages delivered", results.messages.correct);
  }
  page.row("maintenance", results.maintenance_bps, "bit/s and peer");
  page.row("keepalives", results.keepalive_bps, "bit/s and peer");
  page.row("registrations acknowledged", results.registrations_acknowledged);
  page.row("registrations lost", results.registrations_lost);
  page.row("forged values accepted", results.forged_accepted);
  page.row("trace", results.trace_sha256);
  page.line("</table>");
  page.heading("Violations");
  page.line("<table>");
  for (const Violation& v : results.violations) {
    std::ostringstream row;
    row << "<tr><td>" << v.time_s << " s</td><td>" << escaped(v.checker) << "</td><td><code>"
        << escaped(v.node) << "</code></td><td>" << escaped(v.text) << "</td></tr>";
    page.line(row.str());
  }
  page.line("</table><p>Again: <code>" + escaped(results.replay_command) +
            "</code></p></body></html>");
  return page.text();
}

}  // namespace chordial::sim
