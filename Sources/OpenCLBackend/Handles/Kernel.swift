internal import COpenCL

/// A kernel, and the arguments it was last given: it belongs to one thread at a time.
final class Kernel {
  let handle: cl_kernel
  let name: String
  /// The items in a work-group, as compiled into the kernel.
  let groupSize: Int

  /// Takes over a handle.
  init(_ handle: cl_kernel, name: String, groupSize: Int) {
    self.handle = handle
    self.name = name
    self.groupSize = groupSize
  }

  deinit { clReleaseKernel(handle) }

  /// The number of work-groups with one item for each of `count` entries.
  func groups(covering count: Int) -> Int { (count + groupSize - 1) / groupSize }
}

/// Something that a kernel can be given.
protocol KernelArgument {
  /// Sets argument `index` of a kernel and moves the index behind it, returning the code of OpenCL.
  func set(at index: inout cl_uint, of kernel: cl_kernel) -> cl_int
}

extension KernelArgument where Self: BitwiseCopyable {
  func set(at index: inout cl_uint, of kernel: cl_kernel) -> cl_int {
    defer { index += 1 }
    return withUnsafeBytes(of: self) { clSetKernelArg(kernel, index, $0.count, $0.baseAddress) }
  }
}

extension UInt32: KernelArgument {}

extension DeviceBuffer: KernelArgument {
  func set(at index: inout cl_uint, of kernel: cl_kernel) -> cl_int {
    defer { index += 1 }
    var memory: cl_mem? = handle
    return clSetKernelArg(kernel, index, MemoryLayout<cl_mem?>.size, &memory)
  }
}

/// One argument a buffer.
extension [DeviceBuffer]: KernelArgument {
  func set(at index: inout cl_uint, of kernel: cl_kernel) -> cl_int {
    for buffer in self {
      let code = buffer.set(at: &index, of: kernel)
      guard code == CL_SUCCESS else { return code }
    }
    return CL_SUCCESS
  }
}
