internal import COpenCL
internal import SparseCore

/// The kernels of this package, compiled for one device, one precision and fixed sizes of
/// work-groups.
final class Program {
  private let context: Context
  private let handle: cl_program

  /// Compiles all kernels, or finds them in the driver's cache.
  ///
  /// - Parameters:
  ///   - groupSize: items in a work-group, a power of two.
  ///   - productGroupSize: the same for the grouped kernels of the products.
  /// - Throws: ``RecoveryError/deviceFailure(device:call:code:detail:)`` with the build log.
  init<Scalar: DeviceScalar>(
    _ context: Context, scalar: Scalar.Type, groupSize: Int, productGroupSize: Int,
    source: String = KernelSource.vector + KernelSource.selection + KernelSource.product
  ) throws(RecoveryError) {
    let device = context.device
    var code = CL_SUCCESS
    let created = source.withCString { text in
      var source: UnsafePointer<CChar>? = text
      return clCreateProgramWithSource(context.handle, 1, &source, nil, &code)
    }
    handle = try device.check("clCreateProgramWithSource", created, code)
    self.context = context

    let options =
      "-cl-std=CL1.2 -DREAL=\(Scalar.openCLName) -DKEY=\(Scalar.openCLKeyName) "
      + "-DKEY_BITS=\(Scalar.keyBits) -DIGNORED_BITS=\(Scalar.precision.ignoredBits) "
      + "-DWG=\(groupSize) -DGROUP=\(productGroupSize) "
      + "-DWIDE_LANES=\(64 / Scalar.precision.byteCount)"
    var id: cl_device_id? = device.handle
    let status = clBuildProgram(handle, 1, &id, options, nil, nil)
    guard status == CL_SUCCESS else {
      let log = InfoText.read {
        clGetProgramBuildInfo(
          handle, device.handle, cl_program_build_info(CL_PROGRAM_BUILD_LOG), $0, $1, $2)
      }
      throw device.failure("clBuildProgram", status, log)
    }
  }

  deinit { clReleaseProgram(handle) }

  /// A kernel by its name.
  func kernel(_ name: String) throws(RecoveryError) -> Kernel {
    let device = context.device
    var code = CL_SUCCESS
    let created = clCreateKernel(handle, name, &code)
    let kernel = try device.check("clCreateKernel(\(name))", created, code)
    var groupSize = (0, 0, 0)
    let status = clGetKernelWorkGroupInfo(
      kernel, device.handle, cl_kernel_work_group_info(CL_KERNEL_COMPILE_WORK_GROUP_SIZE),
      MemoryLayout.size(ofValue: groupSize), &groupSize, nil)
    let made = Kernel(kernel, name: name, groupSize: max(1, groupSize.0))
    try device.check("clGetKernelWorkGroupInfo(\(name))", status)
    return made
  }
}
