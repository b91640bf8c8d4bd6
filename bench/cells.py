"""What is measured. A cell is one workload with its settings, against one server; it is run in rounds. A workload that a
server may be too small for names its sizes from the largest down: the first that goes well counts."""
from dataclasses import dataclass, field


@dataclass
class Cell:
    name: str
    workload: str
    transport: str
    arguments: list           # of iris-bench; {size} is the size
    accounts: int             # how many exist; 0: as many as the size says, and some
    seconds_max: int          # then the cell has failed
    sizes: dict = field(default_factory=lambda: {"": [0]})  # server -> sizes, "" for the others
    half_of: str = ""         # rate: half of what that cell reached on this server
    servers: tuple = ()       # only these; empty: all
    rounds_max: int = 100
    restart: bool = False     # afterwards, to see how long that takes with all that is stored

    def sizes_for(self, server):
        return self.sizes.get(server, self.sizes[""])


def chat(name, workload, transport, seconds, pairs=100, **more):
    return Cell(name, workload, transport, ["--pairs", str(pairs), "--seconds", str(seconds), "--warmup", "5"], 2 * pairs,
                seconds + 180, **more)


# The two ejabberds differ in their archive alone: what does not touch it is measured on one.
ONE_EJABBERD = ("iris", "ejabberd", "prosody")

FULL = [
    chat("chat-tls", "chat", "tls", 60),
    chat("chat-tcp", "chat", "tcp", 30),
    chat("chat-transient-tls", "chat-transient", "tls", 30, servers=ONE_EJABBERD),
    chat("chat-transient-tcp", "chat-transient", "tcp", 30, servers=ONE_EJABBERD),
    chat("latency-tls", "chat", "tls", 30, half_of="chat-tls"),
    chat("latency-transient-tls", "chat-transient", "tls", 30, half_of="chat-transient-tls", servers=ONE_EJABBERD),
    Cell("login-tls", "login", "tls", ["--seconds", "30", "--accounts", "2000"], 2000, 240, servers=ONE_EJABBERD),
    Cell("login-tls-resumed", "login", "tls", ["--seconds", "30", "--accounts", "2000", "--tls-resumption"], 2000, 240,
         servers=ONE_EJABBERD),
    Cell("login-tcp", "login", "tcp", ["--seconds", "30", "--accounts", "2000"], 2000, 240, servers=ONE_EJABBERD),
    Cell("idle-tcp", "idle", "tcp", ["--sessions", "{size}", "--settle", "90", "--seconds", "30"], 0, 900,
         {"iris": [100000, 50000, 19000], "": [10000, 5000]}, servers=ONE_EJABBERD),
    Cell("idle-tls", "idle", "tls", ["--sessions", "{size}", "--settle", "90", "--seconds", "30"], 0, 900,
         {"iris": [100000, 50000, 19000], "": [10000, 5000, 2000]}, servers=ONE_EJABBERD),
    # The others make 100 to 300 logins a second: 20,000 sessions would take them longer than the cell may.
    Cell("storm-resume", "storm", "tls", ["--sessions", "{size}"], 0, 400,
         {"iris": [20000, 19000, 10000], "": [10000, 5000, 2000]}, servers=ONE_EJABBERD),
    Cell("storm-login", "storm", "tls", ["--sessions", "{size}", "--no-resume"], 0, 400,
         {"iris": [20000, 19000, 10000], "": [10000, 5000, 2000]}, servers=ONE_EJABBERD),
    # 1,000 for each is a million. The others take 300 to 1,000 a second, and less with what they hold.
    Cell("offline", "offline", "tls", ["--recipients", "1000", "--messages", "{size}"], 1100, 600,
         {"iris": [1000, 100], "": [10]}),
    Cell("archive", "archive", "tls", ["--messages", "{size}", "--seconds", "20"], 100, 900,
         {"iris": [10000, 1000], "": [1000]}),
    # Rosters of 200 are 100,000 subscriptions to begin with, for which the others would take a quarter of an hour.
    Cell("presence", "presence", "tls", ["--roster", "{size}", "--groups", "2", "--seconds", "30"], 500, 600,
         {"iris": [200], "": [50]}, servers=ONE_EJABBERD),
]

# How the cost of one message grows with sessions, accounts, and what is stored: one curve each, by the names of the cells.
def growth(curve, x, accounts, arguments, peers, seconds_max=900):
    more = {"servers": ONE_EJABBERD if peers else ("iris",)}
    return Cell(f"growth-{curve}-{x}", "chat", "tls", ["--pairs", "50", "--seconds", "20", "--warmup", "5", *arguments],
                accounts, seconds_max, rounds_max=1, **more)


FULL += [growth("sessions", n, n + 200, ["--idle", str(n - 100)], n <= 10000)
         for n in (100, 1000, 10000, 19000, 50000, 100000)]
FULL += [growth("accounts", n, n, ["--account-step", str(n // 100)], n <= 10000) for n in (1000, 10000, 100000, 1000000)]
FULL += [growth("stored", n, 200, ["--stored", str(n)], n <= 10000, 3000) for n in (10000, 100000, 1000000, 10000000)]
FULL += [Cell("start", "chat", "tls", ["--pairs", "100", "--seconds", "5", "--stored", "10000000"], 1000000, 3000,
              servers=("iris",), rounds_max=1, restart=True)]

QUICK = [
    Cell("chat-tcp", "chat", "tcp", ["--pairs", "20", "--seconds", "2", "--warmup", "1"], 2100, 60),
    Cell("chat-tls", "chat", "tls", ["--pairs", "20", "--seconds", "2", "--warmup", "1"], 2100, 60),
    Cell("chat-starttls-open-loop", "chat", "starttls",
         ["--pairs", "20", "--seconds", "2", "--warmup", "1", "--rate", "200"], 2100, 60),
    Cell("chat-transient-tls", "chat-transient", "tls", ["--pairs", "20", "--seconds", "2", "--warmup", "1"], 2100, 60),
    Cell("chat-ws", "chat", "ws", ["--pairs", "20", "--seconds", "1", "--warmup", "1"], 2100, 60),
    Cell("login-wss", "login", "wss", ["--accounts", "200", "--seconds", "1", "--warmup", "0"], 2100, 60, servers=("iris",)),
    Cell("login-tls-resumed", "login", "tls", ["--accounts", "200", "--seconds", "2", "--warmup", "0", "--tls-resumption"],
         2100, 60),
    Cell("idle-tls", "idle", "tls", ["--sessions", "500", "--settle", "1", "--seconds", "2", "--ping", "2"], 2100, 60),
    Cell("storm-resume", "storm", "tls", ["--sessions", "500", "--bystanders", "10", "--bystander-rate", "20", "--calm", "1"],
         2100, 60),
    Cell("storm-login", "storm", "tcp",
         ["--sessions", "500", "--bystanders", "10", "--bystander-rate", "20", "--calm", "1", "--no-resume"], 2100, 60),
    Cell("offline", "offline", "tcp", ["--senders", "5", "--recipients", "200", "--messages", "20"], 2100, 60),
    Cell("archive", "archive", "tcp", ["--messages", "500", "--seconds", "2"], 2100, 60, restart=True),
    Cell("presence", "presence", "tcp", ["--roster", "20", "--groups", "4", "--seconds", "2", "--warmup", "1"], 2100, 60),
]
