internal import COpenCL

/// A kernel, and the arguments it was last given: it belongs to one thread at a time.
final class Kernel {
  let handle: cl_kernel
  let name: String
  /// The items in a work-group, as compiled into the kernel.
  let groupSize: Int
  private let context: Context

  /// Takes over a handle.
  init(_ handle: cl_kernel, name: String, groupSize: Int, in context: Context) {
    self.handle = handle
    self.name = name
    self.groupSize = groupSize
    self.context = context
  }

  deinit { context.calls.release(.kernel, handle) }

  /// The number of work-groups with one item for each of `count` entries.
  func groups(covering count: Int) -> Int { (count + groupSize - 1) / groupSize }

  /// Sets argument `index` to these bytes and moves the index behind it, returning the code of OpenCL.
  fileprivate func set(_ index: inout cl_uint, to bytes: UnsafeRawBufferPointer) -> cl_int {
    defer { index += 1 }
    return context.calls.setArgument(handle, index, bytes)
  }
}

/// Something that a kernel can be given.
protocol KernelArgument {
  /// Sets argument `index` of a kernel and moves the index behind it, returning the code of OpenCL.
  func set(at index: inout cl_uint, of kernel: Kernel) -> cl_int
}

extension KernelArgument where Self: BitwiseCopyable {
  func set(at index: inout cl_uint, of kernel: Kernel) -> cl_int {
    withUnsafeBytes(of: self) { kernel.set(&index, to: $0) }
  }
}

extension UInt32: KernelArgument {}
extension Int32: KernelArgument {}

extension DeviceBuffer: KernelArgument {
  func set(at index: inout cl_uint, of kernel: Kernel) -> cl_int {
    withUnsafeBytes(of: handle) { kernel.set(&index, to: $0) }
  }
}

/// One argument an element.
extension Array: KernelArgument where Element: KernelArgument {
  func set(at index: inout cl_uint, of kernel: Kernel) -> cl_int {
    for element in self {
      let code = element.set(at: &index, of: kernel)
      guard code == CL_SUCCESS else { return code }
    }
    return CL_SUCCESS
  }
}
