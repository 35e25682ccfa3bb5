internal import COpenCL
internal import Glibc
internal import SparseCore
internal import Synchronization

/// The programs compiled in one context, which all its engines share: compiling takes milliseconds
/// even from a driver's cache, and some drivers keep memory of every program they ever compiled.
final class ProgramLibrary: Sendable {
  let context: Context
  private let cache: ProgramCache?
  private let programs = Mutex<[Program.Options: Program]>([:])

  /// - Parameter cache: what other processes have compiled, or nil for none of it.
  init(_ context: Context, cache: ProgramCache?) {
    self.context = context
    self.cache = cache
  }

  /// The program for these options, compiled when it is first asked for.
  ///
  /// - Throws: ``RecoveryError/deviceFailure(device:call:code:detail:)`` with the build log.
  func program(_ options: Program.Options) throws(RecoveryError) -> Program {
    try programs.withLock { (programs) throws(RecoveryError) in
      if let program = programs[options] { return program }
      let program = try make(options)
      programs[options] = program
      return program
    }
  }

  /// What the cache has, where the driver takes it, else compiled, and kept there.
  private func make(_ options: Program.Options) throws(RecoveryError) -> Program {
    guard let cache else { return try Program(context, options) }
    let key = options.key(on: context.device)
    if let binary = cache.binary(for: key),
      let program = try? Program(context, options, compiled: binary)
    {
      return program
    }
    let program = try Program(context, options)
    cache.keep(program.binary(atMost: ProgramCache.mostBinaryBytes), for: key)
    return program
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
    /// More of them, without which all is well too: for compilers that refuse these.
    var wishes = ""
    /// The kernels.
    let source: String
    /// One of the kernels, and the items of its work-groups: what a driver must know of a program that it
    /// compiled before.
    var sample = ""
    var sampleSize = 1

    /// The kernels of vectors, selections and rows.
    ///
    /// - Parameter groupSize: items in a work-group, a power of two.
    static func vectors(_ scalar: any DeviceScalar.Type, groupSize: Int) -> Options {
      Options(
        text: common(scalar)
          + "-DIGNORED_BITS=\(scalar.precision.ignoredBits) -DWG=\(groupSize)",
        source: KernelSource.vector + KernelSource.selection + KernelSource.rows, sample: "zero",
        sampleSize: groupSize)
    }

    /// The kernels of the products.
    ///
    /// - Parameters:
    ///   - stored: the numbers that atoms are stored in.
    ///   - groupSize: items in a work-group, a power of two.
    ///   - shape: which of the kernels are compiled.
    ///   - device: what they are compiled for. A GPU of Intel gives each thread twice the registers, for half
    ///     the threads, and shares them among few items: `correlateTile` spills otherwise.
    static func products(
      _ scalar: any DeviceScalar.Type, stored: AtomFormat.Number, groupSize: Int,
      shape: NativeProducts.Shape, on device: OpenCLDevice
    ) -> Options {
      Options(
        text: common(scalar)
          + "-DSTORED=\(stored.openCLName) -DSTORED_BITS=\(8 * stored.rawValue) "
          + "-DGROUP=\(groupSize) -DWIDE_LANES=\(64 / scalar.precision.byteCount)"
          + (shape == .wide ? " -DWIDE_SHAPE" : ""),
        wishes: device.smallestSubGroup.map {
          "-cl-intel-256-GRF-per-thread -DSUB_GROUP=\($0)"
        } ?? "",
        source: KernelSource.product + KernelSource.tile, sample: "addPartials",
        sampleSize: groupSize)
    }

    private static func common(_ scalar: any DeviceScalar.Type) -> String {
      "-cl-std=CL1.2 -DREAL=\(scalar.openCLName) -DKEY=\(scalar.openCLKeyName) "
        + "-DKEY_BITS=\(scalar.keyBits) "
    }

    /// Everything that what a device compiles depends on.
    func key(on device: OpenCLDevice) -> String {
      [
        device.platform, device.vendor, device.name, device.driverVersion, device.versions,
        device.kind == .cpu ? HostInstructions.text : "", text, wishes, source,
      ].joined(separator: "\n")
    }
  }

  private let context: Context
  private let handle: cl_program

  /// Compiles the kernels, or finds them in the driver's cache.
  ///
  /// - Throws: ``RecoveryError/deviceFailure(device:call:code:detail:)`` with the build log.
  init(_ context: Context, _ options: Options) throws(RecoveryError) {
    handle = try context.check(
      "clCreateProgramWithSource", context.calls.makeProgram(context.handle, options.source))
    self.context = context
    try build(options)
  }

  /// Takes over what was compiled before with these options.
  ///
  /// - Throws: ``RecoveryError/deviceFailure(device:call:code:detail:)`` unless the driver takes it, and finds
  ///   in it what it would have compiled.
  init(
    _ context: Context, _ options: Options, compiled binary: ArraySlice<UInt8>
  ) throws(RecoveryError) {
    handle = try context.check(
      "clCreateProgramWithBinary",
      binary.withUnsafeBytes {
        context.calls.makeCompiledProgram(context.handle, context.device.handle, $0)
      })
    self.context = context
    try build(options)
    guard try kernel(options.sample).groupSize == options.sampleSize else {
      throw context.device.failure("clCreateProgramWithBinary", CL_INVALID_BINARY)
    }
  }

  deinit { context.calls.release(.program, handle) }

  private func build(_ options: Options) throws(RecoveryError) {
    let (device, calls) = (context.device, context.calls)
    let wishes = options.wishes.isEmpty ? "" : " \(options.wishes)"
    var status = calls.build(handle, device.handle, options.text + wishes)
    if status != CL_SUCCESS, !wishes.isEmpty {
      status = calls.build(handle, device.handle, options.text)
    }
    guard status == CL_SUCCESS else {
      let log = InfoText.read(calls.buildLog(handle, device.handle))
      throw device.failure("clBuildProgram", status, log)
    }
  }

  /// What the driver has compiled; nothing where it does not say, or that is more than so many bytes.
  func binary(atMost most: Int) -> [UInt8] { context.calls.binary(handle, most).bytes }

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

/// What the processor of this host can do. Drivers compile for that and need not say so, and hosts may share a
/// folder.
private enum HostInstructions {
  /// The lines of /proc/cpuinfo that name it and its instructions, as far as there are any.
  static let text: String = {
    let descriptor = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    // The first processor is described in less.
    let bytes = [UInt8](unsafeUninitializedCapacity: 8192) {
      $1 = max(0, read(descriptor, $0.baseAddress, $0.count))
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("model name") || $0.hasPrefix("flags") || $0.hasPrefix("Features") }
      .prefix(2).joined(separator: "\n")
  }()
}
