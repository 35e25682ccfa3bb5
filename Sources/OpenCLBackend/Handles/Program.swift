internal import COpenCL
internal import SparseCore
internal import Synchronization

/// The programs compiled in one context, which all its engines share: compiling takes milliseconds
/// even from a driver's cache, and some drivers keep memory of every program they ever compiled.
final class ProgramLibrary: Sendable {
  let context: Context
  private let programs = Mutex<[Program.Options: Program]>([:])

  init(_ context: Context) { self.context = context }

  /// The program for these options, compiled when it is first asked for.
  ///
  /// - Throws: ``RecoveryError/deviceFailure(device:call:code:detail:)`` with the build log.
  func program(_ options: Program.Options) throws(RecoveryError) -> Program {
    try programs.withLock { (programs) throws(RecoveryError) in
      if let program = programs[options] { return program }
      let program = try Program(context, options)
      programs[options] = program
      return program
    }
  }
}

/// Some of the kernels of this package, compiled for one device, one precision and fixed sizes of
/// work-groups.
///
/// Sendable because it never changes, and OpenCL makes kernels for any thread.
final class Program: @unchecked Sendable {
  /// What is compiled, and for what.
  struct Options: Hashable {
    /// As the compiler takes them.
    let text: String
    /// The kernels.
    let source: String

    /// The kernels of vectors and selections.
    ///
    /// - Parameter groupSize: items in a work-group, a power of two.
    static func vectors(_ scalar: any DeviceScalar.Type, groupSize: Int) -> Options {
      Options(
        text: common(scalar)
          + "-DIGNORED_BITS=\(scalar.precision.ignoredBits) -DWG=\(groupSize)",
        source: KernelSource.vector + KernelSource.selection)
    }

    /// The kernels of the products.
    ///
    /// - Parameters:
    ///   - stored: the numbers that atoms are stored in.
    ///   - groupSize: items in a work-group, a power of two.
    ///   - shape: which of the kernels are compiled.
    static func products(
      _ scalar: any DeviceScalar.Type, stored: AtomFormat.Number, groupSize: Int,
      shape: NativeProducts.Shape
    ) -> Options {
      Options(
        text: common(scalar)
          + "-DSTORED=\(stored.openCLName) -DSTORED_BITS=\(8 * stored.rawValue) "
          + "-DGROUP=\(groupSize) -DWIDE_LANES=\(64 / scalar.precision.byteCount)"
          + (shape == .wide ? " -DWIDE_SHAPE" : ""),
        source: KernelSource.product + KernelSource.tile)
    }

    private static func common(_ scalar: any DeviceScalar.Type) -> String {
      "-cl-std=CL1.2 -DREAL=\(scalar.openCLName) -DKEY=\(scalar.openCLKeyName) "
        + "-DKEY_BITS=\(scalar.keyBits) "
    }
  }

  private let context: Context
  private let handle: cl_program

  /// Compiles the kernels, or finds them in the driver's cache.
  ///
  /// - Throws: ``RecoveryError/deviceFailure(device:call:code:detail:)`` with the build log.
  init(_ context: Context, _ options: Options) throws(RecoveryError) {
    let device = context.device
    handle = try context.check(
      "clCreateProgramWithSource", context.calls.makeProgram(context.handle, options.source))
    self.context = context
    let status = context.calls.build(handle, device.handle, options.text)
    guard status == CL_SUCCESS else {
      let log = InfoText.read(context.calls.buildLog(handle, device.handle))
      throw device.failure("clBuildProgram", status, log)
    }
  }

  deinit { context.calls.release(.program, handle) }

  /// A kernel by its name.
  func kernel(_ name: String) throws(RecoveryError) -> Kernel {
    let kernel = try context.check(
      "clCreateKernel(\(name))", context.calls.makeKernel(handle, name))
    var groupSize = (0, 0, 0)
    let query = context.calls.groupSize(kernel, context.device.handle)
    let status = query(MemoryLayout.size(ofValue: groupSize), &groupSize, nil)
    let made = Kernel(kernel, name: name, groupSize: max(1, groupSize.0), in: context)
    try context.check("clGetKernelWorkGroupInfo(\(name))", status)
    return made
  }
}
