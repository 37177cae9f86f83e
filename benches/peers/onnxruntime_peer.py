"""ONNX Runtime's WebGPU execution provider (Dawn): one-operator models, everything on the device."""

import numpy as np
import onnxruntime as ort
import onnxruntime_ep_webgpu as webgpu
from onnx import TensorProto, helper, numpy_helper

from python_peers import Unsupported, load

OPSETS = [("", 17), ("com.microsoft", 1)]


class OnnxRuntime:
    """`composed` puts attention together from MatMul and Softmax instead of MultiHeadAttention."""

    def __init__(self, composed):
        ort.set_default_logger_severity(4)
        ort.register_execution_provider_library("webgpu", webgpu.get_library_path())
        devices = [d for d in ort.get_ep_devices() if d.ep_name == webgpu.get_ep_name()]
        if not devices:
            raise Unsupported("ONNX Runtime lists no WebGPU device")
        self.device = devices[0]
        plugin = self.device.ep_metadata.get("version", "of unknown version")
        self.version = f"onnxruntime {ort.__version__}, onnxruntime-ep-webgpu {plugin}"
        self.composed = composed
        attention = ["attention", "attention-causal"]
        self.workloads = attention if composed else ["matmul", *attention, "bandwidth-copy"]
        self.token = None

    def prepare(self, problem):
        """Says how, gives the operation and what fetches its result."""
        inputs = load(problem)
        causal = problem["workload"] == "attention-causal"
        unpack = lambda array: array
        if problem["workload"] == "matmul":
            shape = [inputs[0].shape[0], inputs[1].shape[1]]
            nodes, constants = [helper.make_node("MatMul", ["I0", "I1"], ["Y"])], []
            how = f"MatMul, result in {problem['input']}"
        elif problem["workload"] == "bandwidth-copy":
            shape = inputs[0].shape
            nodes, constants = [helper.make_node("Neg", ["I0"], ["Y"])], []
            how = "Neg: one load and one store for each element"
            unpack = np.negative
        elif self.composed:
            shape = inputs[0].shape
            nodes, constants = composed_attention(inputs[0], causal)
            how = "MatMul, Softmax, MatMul"
        else:
            batch, heads, length, size = inputs[0].shape
            shape = [batch, length, heads * size]
            # This operator wants the heads side by side.
            inputs = [np.ascontiguousarray(x.swapaxes(1, 2)).reshape(shape) for x in inputs]
            nodes, constants = [fused_attention(heads, causal)], []
            how = "MultiHeadAttention"
            unpack = lambda y: y.reshape(batch, length, heads, size).swapaxes(1, 2)
        session = self.session(nodes, constants, inputs, shape)
        binding = session.io_binding()
        for at, array in enumerate(inputs):
            value = ort.OrtValue.ortvalue_from_numpy(array, "webgpu", 0)
            binding.bind_ortvalue_input(f"I{at}", value)
        output = ort.OrtValue.ortvalue_from_shape_and_type(shape, inputs[0].dtype.type, "webgpu", 0)
        binding.bind_ortvalue_output("Y", output)
        self.token = ort.OrtValue.ortvalue_from_numpy(np.zeros(4, np.float32), "webgpu", 0)
        fetch = lambda: unpack(output.numpy().astype(np.float32))
        return how, lambda: session.run_with_iobinding(binding), fetch

    def session(self, nodes, constants, inputs, shape):
        """A model of these nodes that fails where a node would run on the CPU instead."""
        element = helper.np_dtype_to_tensor_dtype(inputs[0].dtype)
        placed = [
            helper.make_tensor_value_info(f"I{at}", element, array.shape)
            for at, array in enumerate(inputs)
        ]
        result = [helper.make_tensor_value_info("Y", element, shape)]
        graph = helper.make_graph(nodes, "peer", placed, result, constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        options = ort.SessionOptions()
        options.log_severity_level = 4
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
        options.add_provider_for_devices([self.device], {})
        try:
            return ort.InferenceSession(model.SerializeToString(), sess_options=options)
        except Exception as error:  # of a class that is not public
            _, found, reason = str(error).partition("Failed to get a WebGPU adapter")
            if found:
                raise Unsupported(f"Dawn takes no adapter that is here{reason}") from error
            raise

    def wait(self):
        """Until the device is idle.

        `synchronize_outputs` does not wait here. Reading four numbers back does: the queue is in order.
        """
        self.token.numpy()


def fused_attention(heads, causal):
    """The operator that ONNX Runtime has a FlashAttention kernel for."""
    return helper.make_node(
        "MultiHeadAttention",
        ["I0", "I1", "I2"],
        ["Y"],
        domain="com.microsoft",
        num_heads=heads,
        unidirectional=int(causal),
    )


def composed_attention(queries, causal):
    """Attention from elementary operators, and their constants."""
    length, size = queries.shape[-2:]
    element = queries.dtype.type
    constants = [numpy_helper.from_array(np.array(size**-0.5, element), "scale")]
    nodes = [
        helper.make_node("Transpose", ["I1"], ["keys"], perm=[0, 1, 3, 2]),
        helper.make_node("MatMul", ["I0", "keys"], ["products"]),
        helper.make_node("Mul", ["products", "scale"], ["scores"]),
    ]
    last = "scores"
    if causal:
        hidden = np.triu(np.full((length, length), np.finfo(element).min / 2, element), 1)
        constants.append(numpy_helper.from_array(hidden, "hidden"))
        nodes.append(helper.make_node("Add", [last, "hidden"], ["masked"]))
        last = "masked"
    nodes.append(helper.make_node("Softmax", [last], ["weights"], axis=-1))
    nodes.append(helper.make_node("MatMul", ["weights", "I2"], ["Y"]))
    return nodes, constants
