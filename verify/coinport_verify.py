"""Checks what a coinport exchange publishes. One file, standard library only: read it, then run it.

    python3 coinport_verify.py [--testnet] FILE...

FILE is any of these; what belongs together is checked together, so give it all that you have:
    snapshot-1.json   what was owed: the tree over its rows, its total, the file before it
    transfer-1.json   what came and went: leads from one snapshot's total to the next one's
    proof.json        answer of /api/v2/user/liability_proof: your balance is part of the total
    reserves.json     answer of /api/v2/btc/reserves: what was held, each address signed by its key
--testnet: of test networks. Formats: docs/proofs.md. `coinport reserves verify` checks Ed25519."""
import base64, hashlib, hmac, json, pathlib, sys
from decimal import Decimal
from itertools import pairwise

SIGNS = {"deposit": 1, "credit": 1, "withdrawal": -1, "debit": -1}
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
COINS = {"BTC": (0, "Bitcoin"), "LTC": (48, "Litecoin"), "DOGE": (30, "Dogecoin"),
         "DRK": (76, "DarkCoin"), "BLK": (25, "BlackCoin"), "VRC": (70, "VeriCoin"),
         "ZET": (80, "Zetacoin")}  # version byte of addresses, name in signed messages
P, N = 2**256 - 2**32 - 977, 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,  # of secp256k1: the base,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)  # P its field, N its order

def require(holds, complaint):
    if not holds:
        raise ValueError(complaint)
def figure(value):
    require(0 <= Decimal(value) < 2**63, f"{value} is no amount")
    return Decimal(value)
def sha256(data):
    return hashlib.sha256(data).digest()

# What is owed. A node of the tree is 40 bytes: a hash, and the sum of the amounts below it.
def node(digest, amount, file):
    units = figure(Decimal(amount).scaleb(file["decimals"]))
    require(units == int(units) and file["decimals"] >= 0, f"{amount} is no amount")
    return bytes.fromhex(digest) + int(units).to_bytes(8, "big")
def inner_node(left, right):
    total = int.from_bytes(left[32:], "big") + int.from_bytes(right[32:], "big")
    require(total < 2**63 and len(left) == len(right) == 40, "a sum or a hash is too large")
    return sha256(b"\1" + left + right) + total.to_bytes(8, "big")

def check_snapshot(file):
    level = [sha256(b"\0" + n) + n[32:] for n in (node(*row, file) for row in file["balances"])]
    while len(level) > 1:
        level = [inner_node(*pair) for pair in zip(level[::2], level[1::2], strict=True)]
    require(level == [file["top"]], "root or total is not that of the rows")
    return f"{file['total']} {file['currency']} owed at sequence {file['sequence']}"

def check_proof(file):
    require(file["leaves"] and type(file["snapshot"]) is int, "no rows, or not of a snapshot")
    whose = f"coinport-pol-v1 leaf {file['currency']} {file['snapshot']} {file['uid']}"
    for leaf in file["leaves"]:
        index, owed = leaf["index"], node("", leaf["amount"], file)
        text = f"{whose} {index} {int(owed.hex(), 16)}".encode()
        at = sha256(b"\0" + hmac.digest(bytes.fromhex(file["key"]), text, "sha256") + owed) + owed
        for sibling in leaf["path"]:
            beside = node(*sibling, file)
            at, index = inner_node(*((beside, at) if index % 2 else (at, beside))), index // 2
        require(at == file["top"] and index == 0, f"row {leaf['index']} is not under the root")
    balance = sum({leaf["index"]: Decimal(leaf["amount"]) for leaf in file["leaves"]}.values())
    require(balance == Decimal(file["balance"]), "the rows do not add up to the balance")
    return f"{balance} of {file['total']} {file['currency']} are owed to uid {file['uid']}"

def check_transfers(file):
    moves = [(figure(t["amount"]) * SIGNS[t["type"]], t["status"]) for t in file["transfers"]]
    file["change"] = sum(n for n, s in moves if s == "Succeeded") - figure(file["trading_fees"])
    require(file["from_sequence"] < file["to_sequence"] or not file["change"], "within no time")
    return f"{file['change']} {file['currency']} more owed at sequence {file['to_sequence']}"

# What is held. An address is the hash of a public key, and a signature tells by which key it is.
def add(a, b):
    rise, run = (3 * a[0] ** 2, 2 * a[1]) if a == b else (b[1] - a[1], b[0] - a[0])
    slope = rise * pow(run, -1, P) % P
    x = (slope**2 - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P
def times(factor, point):
    even = times(factor // 2, add(point, point)) if factor > 1 else None
    return even if factor % 2 == 0 else add(even, point) if even else point

def signer(coin, message, signature):
    version, name = COINS[coin]
    parts = [f"{name} Signed Message:\n".encode(), message.encode()]
    said = int(sha256(sha256(b"".join(bytes([len(part)]) + part for part in parts))).hex(), 16)
    odd, r, s = signature[0] - 31, int(signature[1:33].hex(), 16), int(signature[33:].hex(), 16)
    y = pow(r**3 + 7, (P + 1) // 4, P)
    require(odd in (0, 1) and 0 < r < N and 0 < s < N and (y**2 - r**3 - 7) % P == 0, "unsigned")
    scale, y = pow(r, -1, N), y if y % 2 == odd else P - y
    x, y = add(times(-said * scale % N, G), times(s * scale % N, (r, y)))
    key = hashlib.new("ripemd160", sha256(bytes([2 + y % 2]) + x.to_bytes(32, "big"))).digest()
    data = bytes([111 if "--testnet" in sys.argv else version]) + key
    text, rest = "", int.from_bytes(data + sha256(sha256(data))[:4], "big")
    while rest:
        text, rest = BASE58[rest % 58] + text, rest // 58
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text

def check_reserves(file):
    coin, rows, held = file["currency"], file["distribution"], {"hot": 0, "cold": 0, "user": 0}
    require(len({row[0] for row in rows}) == len(rows), "an address stands there twice")
    for address, amount, kind, message, signature in rows:
        held[kind] += figure(amount)
        if signature or (coin in COINS and not file.get("simulated")):
            by = signer(coin, message, base64.b64decode(signature))
            require(message[:8] == "coinport" and by == address, f"{address}: {message!r} by {by}")
    require([*held.values()] == [*map(Decimal, file["stats"][:3])], "rows are not the stats")
    proof = "" if coin in COINS and not file.get("simulated") else ", unproven: not signed"
    return f"{sum(held.values())} {coin} held, {figure(file['stats'][3])} owed{proof}"

def check(name):
    print(end=f"{name}: ", flush=True)
    content = pathlib.Path(name).read_bytes()
    file = json.loads(content, parse_float=Decimal)
    file = {"format": "", **file.get("data", file), "sha256": sha256(content).hex()}
    digest = sha256(content.rpartition(b'\n"digest":"')[0]).hex()
    require(file.get("digest") in (None, digest), "something in it was changed")
    file["top"] = node(file["root"], file["total"], file) if "root" in file else b""
    checks = {"coinport-pol-v1": check_snapshot, "coinport-transfers-v1": check_transfers,
              "coinport-proof-v1": check_proof, "": check_reserves}
    print(checks[file["format"]](file))
    return file

def check_together(files):  # of one currency
    snapshots, transfers = ([f for f in files if kind in f] for kind in ("balances", "transfers"))
    for before, after in [*pairwise(snapshots), *pairwise(transfers)]:
        text = f"between files {before['id']} and {after['id']}"
        require(after["previous"] == before["sha256"], f"one is missing or changed {text}")
        require(before.get("to_sequence") == after.get("from_sequence"), f"gap or overlap {text}")
    for before, after in pairwise(snapshots):
        text = f"{before['currency']} snapshots {before['id']} and {after['id']}"
        at, to = before["sequence"], after["sequence"]
        between = [f for f in transfers if f["from_sequence"] < to and f["to_sequence"] > at]
        ends = (between[0]["from_sequence"], between[-1]["to_sequence"]) if between else (at, to)
        require(ends == (at, to) and at <= to, f"{text}: files lead from {ends[0]} to {ends[1]}")
        owed, done = before["total"] + sum(f["change"] for f in between), between or at == to
        require(not done or owed == after["total"], f"{text}: {owed} expected at sequence {to}")
        print(text, f"fit: {owed} owed" if done else "were NOT reconciled: no transfer files")
    for proof in [file for file in files if "leaves" in file and snapshots]:
        tops = [(f["top"], f["total"]) for f in snapshots if f["id"] == proof["snapshot"]]
        same = tops == [(proof["top"], Decimal(proof["total"]))]
        require(same, f"the proof is not of any {proof['currency']} snapshot given")

if __name__ == "__main__":
    try:
        files = [check(name) for name in sys.argv[1:] if name[:2] != "--"] or sys.exit(__doc__)
        files.sort(key=lambda file: file.get("id", 0))
        for currency in {file["currency"] for file in files}:
            check_together([file for file in files if file["currency"] == currency])
    except Exception as error:  # noqa: BLE001
        sys.exit(f"WRONG: {error}")
