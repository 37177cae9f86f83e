#!/usr/bin/env python3
"""What the vendor's libraries reach on this card: torch's matmul (cuBLAS), scaled_dot_product_attention and a
device copy, on inputs like ours, timed with CUDA events. Writes one JSON file. Verifies each product against
random signs (Freivalds), so that no figure is without a result."""

import json
import statistics
import sys

import torch

SECONDS = 1.0


def timed(call):
    """Median milliseconds of batches of at least 20 ms over about a second."""
    for _ in range(3):
        call()
    torch.cuda.synchronize()

    def batch(n):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(n):
            call()
        end.record()
        torch.cuda.synchronize()
        return begin.elapsed_time(end)

    n = max(1, round(20 / max(batch(1), 1e-3)))
    times = []
    while sum(times) * n < 1e3 * SECONDS or len(times) < 8:
        times.append(batch(n) / n)
    return statistics.median(times), len(times), min(times), max(times)


def values(*shape, dtype):
    """Sums of four random bytes, as ours: roughly normal, never zero."""
    total = torch.randint(0, 256, (*shape, 4), device="cuda").sum(-1)
    return ((2 * (total - 510) + 1) / 256).to(dtype)


def freivalds(a, b, c):
    signs = torch.randint(0, 2, (c.shape[1], 20), device="cuda", dtype=torch.float64) * 2 - 1
    wanted = a.double() @ (b.double() @ signs)
    return ((c.double() @ signs - wanted).norm() / wanted.norm()).item()


def main(path):
    torch.backends.cuda.matmul.allow_tf32 = False
    rows = []

    def row(workload, dtype, shape, ops, moved, times, error=None):
        median, n, low, high = times
        rows.append({
            "workload": workload, "input_type": dtype, "shape": shape, "median_ms": median, "samples": n,
            "fastest_ms": low, "slowest_ms": high, "ops_per_s": ops / median * 1e3 if ops else None,
            "bytes_per_s": moved / median * 1e3, "relative_error": error,
        })

    for name, dtype in [("f16", torch.float16), ("f32", torch.float32)]:
        n = 8192
        a, b = values(n, n, dtype=dtype), values(n, n, dtype=dtype)
        c = a @ b
        row("matmul", name, f"{n}x{n}x{n}", 2 * n**3, 3 * n * n * a.element_size(), timed(lambda: torch.matmul(a, b, out=c)),
            freivalds(a, b, c))
    batch, heads, sequence, size = 2, 16, 8192, 128
    q, k, v = (values(batch, heads, sequence, size, dtype=torch.float16) for _ in range(3))
    attend = torch.nn.functional.scaled_dot_product_attention
    pairs = sequence * (sequence + 1) // 2
    row("attention-causal", "f16", f"{batch}x{heads}x{sequence}x{size}", 4 * batch * heads * pairs * size,
        4 * q.numel() * 2, timed(lambda: attend(q, k, v, is_causal=True)))
    source = torch.empty(1 << 28, dtype=torch.float32, device="cuda")
    target = torch.empty_like(source)
    row("bandwidth-copy", None, str(1 << 30), 0, 2 * (1 << 30), timed(lambda: target.copy_(source)))
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"schema": "tierbench.torch/1", "torch": torch.__version__, "cuda": torch.version.cuda,
                   "device": torch.cuda.get_device_name(), "rows": rows}, file, indent=1)
    for r in rows:
        print(r["workload"], r["input_type"], f"{(r['ops_per_s'] or r['bytes_per_s']) / 1e12:.2f} T/s")


if __name__ == "__main__":
    main(sys.argv[1])
