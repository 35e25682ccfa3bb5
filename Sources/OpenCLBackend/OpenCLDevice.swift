internal import COpenCL
public import SparseCore

/// A device that OpenCL offers, with the facts that decide what it can do.
public struct OpenCLDevice: Sendable {
  /// What a device is, the best first.
  public enum Kind: String, Sendable, CaseIterable {
    /// A graphics processor.
    case gpu
    /// Some other coprocessor.
    case accelerator
    /// The processor of the host.
    case cpu
  }

  /// What the device calls itself.
  public let name: String
  /// The platform it belongs to.
  public let platform: String
  /// Who made it.
  public let vendor: String
  /// The version of its driver.
  public let driverVersion: String
  /// What it is.
  public let kind: Kind
  /// Its memory, in bytes.
  public let memory: Int
  /// The largest buffer it says it allows, in bytes.
  public let maximumAllocation: Int
  /// The number of its compute units.
  public let computeUnits: Int
  /// Whether it computes in double precision.
  public let supportsDouble: Bool

  let maximumWorkGroup: Int

  // A device lives as long as the process, and all queries of it are safe from any thread.
  nonisolated(unsafe) let handle: cl_device_id

  /// Asks a device for its facts, or returns nil when it is of a kind that runs no kernels, or does
  /// not say what work is to be shared out by.
  init?(_ handle: cl_device_id, platform: String, _ calls: OpenCLCalls) {
    func number<Value: FixedWidthInteger>(_ key: cl_int, as type: Value.Type) -> Value {
      var value: Value = 0
      let code = calls.deviceInfo(handle, key)(MemoryLayout<Value>.size, &value, nil)
      return code == CL_SUCCESS ? value : 0
    }
    func text(_ key: cl_int) -> String { InfoText.read(calls.deviceInfo(handle, key)) }
    let type = number(CL_DEVICE_TYPE, as: cl_device_type.self)
    func isType(_ flag: cl_int) -> Bool { type & cl_device_type(flag) != 0 }
    if isType(CL_DEVICE_TYPE_GPU) {
      kind = .gpu
    } else if isType(CL_DEVICE_TYPE_ACCELERATOR) {
      kind = .accelerator
    } else if isType(CL_DEVICE_TYPE_CPU) {
      kind = .cpu
    } else {
      return nil
    }
    self.handle = handle
    self.platform = platform
    name = text(CL_DEVICE_NAME)
    vendor = text(CL_DEVICE_VENDOR)
    driverVersion = text(CL_DRIVER_VERSION)
    memory = Int(clamping: number(CL_DEVICE_GLOBAL_MEM_SIZE, as: cl_ulong.self))
    maximumAllocation = Int(clamping: number(CL_DEVICE_MAX_MEM_ALLOC_SIZE, as: cl_ulong.self))
    computeUnits = Int(number(CL_DEVICE_MAX_COMPUTE_UNITS, as: cl_uint.self))
    supportsDouble = number(CL_DEVICE_DOUBLE_FP_CONFIG, as: cl_device_fp_config.self) != 0
    maximumWorkGroup = number(CL_DEVICE_MAX_WORK_GROUP_SIZE, as: Int.self)
    guard min(memory, maximumAllocation, computeUnits, maximumWorkGroup) > 0 else { return nil }
  }

  /// Whether the device computes in `precision`.
  public func supports(_ precision: Precision) -> Bool { precision == .single || supportsDouble }

  /// The largest power of two that the device allows as a work-group, up to `most`.
  func groupSize(atMost most: Int) -> Int {
    var size = 1
    while size * 2 <= min(most, maximumWorkGroup) { size *= 2 }
    return size
  }

  /// An engine on this device that multiplies with these kernels, and keeps its atoms so.
  func identity(_ kernels: ProductKernels, storage: AtomStorage) -> EngineIdentity {
    let atoms = storage == .full ? "" : ", atoms in \(storage) precision"
    return EngineIdentity(
      name: "opencl", device: name, library: "\(kernels.library)\(atoms), driver \(driverVersion)")
  }
}

/// The text that an OpenCL query answers.
enum InfoText {
  /// Asks `query` for the length, then for the characters.
  static func read(_ query: OpenCLCalls.Query) -> String {
    var length = 0
    guard query(0, nil, &length) == CL_SUCCESS, length > 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: length)
    guard bytes.withUnsafeMutableBytes({ query(length, $0.baseAddress, nil) }) == CL_SUCCESS else {
      return ""
    }
    let text = bytes.prefix { $0 != 0 }.drop { isSpace($0) }.reversed().drop { isSpace($0) }
    return String(decoding: text.reversed(), as: UTF8.self)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte <= UInt8(ascii: " ") }
}
