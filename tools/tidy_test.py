#!/usr/bin/env python3
"""Shows each rule of tools/tidy fire on a small tree, and stay silent on a good one."""
import importlib.machinery
import importlib.util
import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
loader = importlib.machinery.SourceFileLoader("tidy", os.path.join(HERE, "tidy"))
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", loader))
loader.exec_module(tidy)

HEADER = "// What it is for.\n#pragma once\n"


def good():
    """A repository without a finding."""
    return {
        "src/base/result.h": HEADER,
        "src/io/loop.h": HEADER + '#include "base/result.h"\n',
        "src/log/log.h": HEADER + '#include "io/loop.h"\n',
        "src/log/rocks_log.h": HEADER + '#include "log/log.h"\n',
        "src/app/server.cc": '#include "log/rocks_log.h"\n',
        "src/module/registry.cc": "  IRIS_MODULE(roster)\n",
        "src/module/roster.h": HEADER, "src/module/roster.cc": "", "src/module/roster_test.cc": "",
        "src/edge/feature/registry.cc": "  IRIS_FEATURE(ping)\n",
        "src/edge/feature/ping.cc": "", "src/edge/feature/ping_test.cc": "",
        "test/dialogue/roster.txt": "", "test/dialogue/connection/ping.txt": "",
        "docs/xeps.md": "| RFC 6121 | roster |\n| XEP-0199 | ping |\n",
        "README.md": "".join(f"| `{f}/` | what |\n" for f in ("base", "io", "log", "module", "edge", "app")),
        "tools/long_files.txt": "# none\n",
    }


class TidyTest(unittest.TestCase):
    fired = set()

    def fires(self, rule, changes, path=None, times=1):
        files = good()
        for name, text in changes.items():
            if text is None:
                del files[name]
            else:
                files[name] = text
        found = [(where, message) for where, _, name, message in tidy.findings(tidy.Tree(files), [rule])]
        self.assertEqual(len(found), times, found)
        if path:
            self.assertEqual(found[0][0], path)
        if times:
            TidyTest.fired.add(rule)

    def test_good_tree_has_no_finding(self):
        self.assertEqual(list(tidy.findings(tidy.Tree(good()))), [])

    def test_include_direction(self):
        self.fires("include-direction", {"src/base/a.cc": '#include "io/loop.h"\n'}, "src/base/a.cc")
        self.fires("include-direction", {"src/module/a.cc": '#include "net/tls.h"\n'})
        self.fires("include-direction", {"src/edge/a.cc": '#include "module/roster.h"\n'})
        self.fires("include-direction", {"src/log/a.cc": '#include "store/store.h"\n'})
        self.fires("include-direction", {"src/store/a.cc": '#include "log/log.h"\n'}, times=0)
        self.fires("include-direction", {"src/extra/a.cc": ""})
        self.fires("include-direction", {"src/base/a.cc": '// #include "io/loop.h"\n'}, times=0)

    def test_include_implementation(self):
        line = '#include "log/rocks_log.h"\n'
        self.fires("include-implementation", {"src/shard/a.cc": line}, "src/shard/a.cc")
        self.fires("include-implementation", {"src/edge/a.cc": '#include "rocks/engine.h"\n'})
        self.fires("include-implementation", {"src/store/a.cc": '#include "rocks/engine.h"\n'}, times=0)
        self.fires("include-implementation", {"src/store/a.cc": line})
        self.fires("include-implementation", {"src/shard/a_test.cc": line, "src/log/b.cc": line}, times=0)
        self.fires("include-implementation", {"src/store/rocks_store.cc": line}, times=0)

    def test_heavy_header(self):
        self.fires("heavy-header", {"src/io/a.h": HEADER + "#include <boost/asio.hpp>\n"}, "src/io/a.h")
        self.fires("heavy-header", {"src/io/a.cc": "#include <boost/asio.hpp>\n"}, times=0)

    def test_banned_call(self):
        for line in ("auto t = std::chrono::steady_clock::now();", "time(nullptr);", "std::time(0);", "int x = rand();",
                     "std::random_device device;", "std::this_thread::sleep_for(1s);", "usleep(5);",
                     "std::thread t(run);", "std::regex r;", "sprintf(b, s);", "co_await x;"):
            self.fires("banned-call", {"src/shard/a.cc": line + "\n"}, "src/shard/a.cc")
        self.fires("banned-call", {"src/shard/a_test.cc": "std::this_thread::sleep_for(1s);\n"})
        for line in ("clock.time();", "// time(nullptr)", 'say("rand()");', "std::thread::id id;", "operand(1);",
                     "runtime(2);", "WallTime t = clock.wall();"):
            self.fires("banned-call", {"src/shard/a.cc": line + "\n"}, times=0)
        self.fires("banned-call", {"src/io/a.cc": "auto t = std::chrono::steady_clock::now(); std::thread u;\n"}, times=0)

    def test_banned_call_in_tests(self):
        self.fires("banned-call", {"src/shard/a_test.cc": "unsigned seed = std::random_device{}();\n"}, times=0)
        self.fires("banned-call", {"src/bus/a_test.cc": "auto t = std::chrono::steady_clock::now();\n"}, times=0)
        self.fires("banned-call", {"src/net/test_server.h": HEADER + "std::thread t;\n"}, times=0)
        self.fires("banned-call", {"src/shard/a_test.cc": "int x = rand();\n"})

    def test_exception_needs_a_reason(self):
        line = "int x = rand();  // tidy: allow banned-call:"
        self.fires("banned-call", {"src/shard/a.cc": line + " seeded, and only for a log line\n"}, times=0)
        self.fires("banned-call", {"src/shard/a.cc": line + "\n"})
        self.fires("banned-call", {"src/shard/a.cc": line.replace("banned-call", "file-name") + " x\n"})

    def test_file_name(self):
        for path in ("src/base/Result.h", "src/base/a.hpp", "src/base/a-b.cc", "src/utils/a.cc", "src/base/Sub/a.cc"):
            self.fires("file-name", {path: HEADER}, path)

    def test_type_name(self):
        self.fires("type-name", {"src/base/a.h": HEADER + "class SessionManager {};\n"}, "src/base/a.h")
        self.fires("type-name", {"src/base/a.cc": "struct [[nodiscard]] Impl : Base {};\n"})
        self.fires("type-name", {"src/base/a.cc": "class Implement {};\n"}, times=0)

    def test_header_head(self):
        self.fires("header-head", {"src/base/a.h": "#pragma once\n"}, "src/base/a.h")
        self.fires("header-head", {"src/base/a.h": "// Head.\n#include <string>\n#pragma once\n"})

    def test_long_file(self):
        long_text = "\n" * 401
        self.fires("long-file", {"src/base/a.cc": long_text}, "src/base/a.cc")
        self.fires("long-file", {"src/base/a.cc": long_text, "tools/long_files.txt": "src/base/a.cc | a table\n"}, times=0)
        self.fires("long-file", {"src/base/a.cc": long_text, "tools/long_files.txt": "src/base/a.cc |\n"})
        self.fires("long-file", {"src/base/a.cc": "", "tools/long_files.txt": "src/base/a.cc | a table\n"})
        self.fires("long-file", {"tools/long_files.txt": "src/gone.cc | a table\n"})

    def test_private_text(self):
        self.fires("private-text", {"docs/a.md": "see /" + "work/x\n"}, "docs/a.md")
        self.fires("private-text", {"web/package-lock.json": '"resolved": "https://registry.' + 'npmjs.org/a"\n'})

    def test_readme_map(self):
        self.fires("readme-map", {"src/net/tls.h": HEADER}, "README.md")
        self.fires("readme-map", {"README.md": good()["README.md"] + "| `gone/` | what |\n"})

    def test_named_file(self):
        self.fires("named-file", {"docs/a.md": "see `log/gone.h`\n"}, "docs/a.md")
        self.fires("named-file", {"docs/a.md": "see `log/log.h`, `src/log/log.h`, `build/x.md`, `a/*.h`\n"}, times=0)

    def test_broken_link(self):
        self.fires("named-file", {"docs/a.md": "[x](gone.md)\n"}, "docs/a.md")
        self.fires("named-file", {"docs/a.md": "[x](../README.md#y) [f](../src/) [w](https://example.org)\n"}, times=0)

    def test_xml_file(self):
        self.fires("xml-file", {"doap.xml": "<a><!-- -- --></a>"}, "doap.xml")
        self.fires("xml-file", {"doap.xml": "<a><!-- x --></a>"}, times=0)

    def test_quoted_code(self):
        block = "```cpp src/app/server.cc\n%s\n```\n"
        self.fires("quoted-code", {"docs/a.md": block % '#include "log/log.h"'}, "docs/a.md")
        self.fires("quoted-code", {"docs/a.md": "text\n```cpp src/gone.cc\nx\n```\n"}, "docs/a.md")
        self.fires("quoted-code", {"docs/a.md": block % '#include "log/rocks_log.h"' + "```\nfree\n```\n"}, times=0)

    def test_feature_furniture(self):
        for gone in ("src/module/roster.h", "src/module/roster_test.cc", "test/dialogue/roster.txt",
                     "test/dialogue/connection/ping.txt", "src/edge/feature/ping.cc", "src/edge/feature/ping_test.cc", "src/module/registry.cc"):
            self.fires("feature-furniture", {gone: None})
        self.fires("feature-furniture", {"docs/xeps.md": "| XEP-0199 | ping |\n"})
        self.fires("feature-furniture", {"docs/xeps.md": "| RFC 6121 | roster of an account |\n| XEP-0199 | ping |\n"})
        self.fires("feature-furniture", {"src/edge/feature/registry.cc": "\n"})

    @classmethod
    def tearDownClass(cls):
        missing = set(tidy.RULES) - cls.fired
        assert not missing, f"rules that no test shows firing: {missing}"


if __name__ == "__main__":
    unittest.main()
