"""Peers and ceilings in Python: lines of JSON in, lines of JSON out.

    python3 python_peers.py PEER      PEER: onnxruntime, onnxruntime-composed, numpy, torch

    {"do": "hello"}                   -> {"version": "...", "workloads": ["matmul", ...]}
    {"do": "prepare", "workload": "matmul", "input": "f32", "shape": [M, N, K],
     "inputs": [FILE, ...], "output": FILE}
                                      -> {"how": "..."}; reads and writes files of little-endian f32
    {"do": "sample", "iterations": 4} -> {"ns": 123456}, from the first call to the last result

What cannot be done here is answered {"unsupported": reason}, what goes wrong {"error": reason}.
The caller compares the output with its f64 reference, so no peer judges itself.
"""

import json
import os
import sys
import time

# OpenBLAS's idle threads would spin into the next contestant's sample.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "16")
# The plugin hides itself where there is no GPU, unless told that software will do.
os.environ.setdefault("ORT_WEBGPU_EP_ALLOW_SOFTWARE_ADAPTER", "1")

COMPUTE = ["matmul", "attention", "attention-causal"]
ALL = COMPUTE + ["bandwidth-copy"]


class Unsupported(Exception):
    """It cannot do this here, and that is no fault."""


def load(problem):
    """The inputs in the shapes that the workload's name implies, in the type they are stored in."""
    import numpy as np

    shape = problem["shape"]
    if problem["workload"] == "matmul":
        m, n, k = shape
        shapes = [(m, k), (k, n)]
    elif problem["workload"] == "bandwidth-copy":
        shapes = [(shape[0] // 4,)]
    else:
        shapes = [tuple(shape)] * 3
    element = np.float16 if problem["input"] == "f16" else np.float32
    pairs = zip(problem["inputs"], shapes)
    return [np.fromfile(path, "<f4").reshape(s).astype(element) for path, s in pairs]


class Numpy:
    """numpy with OpenBLAS, and copies in one thread for each processor."""

    workloads = ALL

    def __init__(self):
        from concurrent.futures import ThreadPoolExecutor

        import numpy as np

        self.np = np
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        self.version = f"numpy {np.__version__}, {blas['name']} {blas['version']}"
        self.threads = len(os.sched_getaffinity(0))
        self.pool = ThreadPoolExecutor(self.threads)

    def prepare(self, problem):
        """Says how, gives the operation and what fetches its result."""
        np = self.np
        if problem["input"] == "f16":
            raise Unsupported("OpenBLAS has no half precision that numpy reaches")
        inputs = load(problem)
        if problem["workload"] == "matmul":
            a, b = inputs
            c = np.empty((a.shape[0], b.shape[1]), np.float32)
            return "OpenBLAS SGEMM", lambda: np.matmul(a, b, out=c), lambda: c
        if problem["workload"] == "bandwidth-copy":
            target = np.zeros_like(inputs[0])
            parts = list(zip(np.array_split(target, self.threads), np.array_split(inputs[0], self.threads)))
            how = f"numpy.copyto in {self.threads} threads"
            return how, lambda: list(self.pool.map(lambda p: np.copyto(*p), parts)), lambda: target
        return self.attention(inputs, problem["workload"] == "attention-causal")

    def attention(self, inputs, causal):
        """Two batches of SGEMM with a softmax between, which numpy computes in one thread."""
        np = self.np
        q, k, v = inputs
        length, size = q.shape[-2:]
        keys = np.ascontiguousarray(k.swapaxes(-1, -2)) * np.float32(size**-0.5)
        hidden = np.triu(np.full((length, length), -np.inf, np.float32), 1) if causal else None
        scores = np.empty(q.shape[:-1] + (length,), np.float32)
        out = np.empty_like(q)

        def run():
            np.matmul(q, keys, out=scores)
            if causal:
                np.add(scores, hidden, out=scores)
            np.subtract(scores, scores.max(-1, keepdims=True), out=scores)
            np.exp(scores, out=scores)
            np.matmul(scores, v, out=out)
            np.divide(out, scores.sum(-1, keepdims=True), out=out)

        return "SGEMM, numpy softmax in one thread, SGEMM", run, lambda: out

    def wait(self):
        """Everything is done when a call returns."""


class Torch:
    """PyTorch on CUDA: cuBLAS, scaled_dot_product_attention, a copy on the device."""

    workloads = ALL

    def __init__(self):
        import torch

        if not torch.cuda.is_available():
            raise Unsupported("torch is here and finds no CUDA device")
        torch.backends.cuda.matmul.allow_tf32 = False
        self.torch = torch
        self.version = f"torch {torch.__version__}, CUDA {torch.version.cuda}"

    def prepare(self, problem):
        """Says how, gives the operation and what fetches its result."""
        torch = self.torch
        inputs = [torch.from_numpy(array).cuda() for array in load(problem)]
        if problem["workload"] == "matmul":
            a, b = inputs
            out = a @ b
            how = f"cuBLAS, result in {out.dtype}, TF32 off"
            return how, lambda: torch.matmul(a, b, out=out), lambda: out.float().cpu().numpy()
        if problem["workload"] == "bandwidth-copy":
            out = torch.zeros_like(inputs[0])
            return "device copy", lambda: out.copy_(inputs[0]), lambda: out.cpu().numpy()
        causal = problem["workload"] == "attention-causal"
        attend = torch.nn.functional.scaled_dot_product_attention

        def run():
            self.last = attend(*inputs, is_causal=causal)

        return "scaled_dot_product_attention", run, lambda: self.last.cpu().numpy()

    def wait(self):
        """Until the device is idle."""
        self.torch.cuda.synchronize()


def peer(name):
    """Makes a peer by name; the WebGPU ones have a file of their own."""
    try:
        if name == "numpy":
            return Numpy()
        if name == "torch":
            return Torch()
        from onnxruntime_peer import OnnxRuntime

        return OnnxRuntime(composed=name == "onnxruntime-composed")
    except ImportError as error:
        raise Unsupported(str(error)) from error


class Server:
    """One peer and the problem in its hands."""

    def __init__(self, name):
        self.name = name
        self.peer = None
        self.run = None

    def answer(self, request):
        """The answer to one request."""
        if request["do"] == "hello":
            self.peer = peer(self.name)
            return {"version": self.peer.version, "workloads": self.peer.workloads}
        if request["do"] == "prepare":
            self.run = None
            how, run, result = self.peer.prepare(request)
            run()
            self.peer.wait()
            result().astype("<f4").tofile(request["output"])
            self.run = run
            return {"how": how}
        self.peer.wait()
        before = time.perf_counter_ns()
        for _ in range(request["iterations"]):
            self.run()
        self.peer.wait()
        return {"ns": time.perf_counter_ns() - before}


def main():
    """Answers until the questions end."""
    # Libraries that print to file descriptor 1 must not end up between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    server = Server(sys.argv[1])
    for line in sys.stdin:
        try:
            answer = server.answer(json.loads(line))
        except Unsupported as reason:
            answer = {"unsupported": " ".join(str(reason).split())}
        except Exception as error:  # whatever a library throws is an answer, not the end
            text = " ".join(f"{type(error).__name__}: {error}".split())
            # Long ones begin with source files and end with what happened.
            answer = {"error": text if len(text) < 200 else "... " + text[-110:].split(" ", 1)[1]}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    # By name, so that the other file raises the `Unsupported` that is caught here.
    import python_peers

    python_peers.main()
