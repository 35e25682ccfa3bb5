internal import COpenCL
import Glibc
public import SparseCore
import Synchronization

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

  /// The versions of the platform and the device, which name the compiler.
  let versions: String
  /// The items of the smallest sub-group that a kernel may ask for, on GPUs of Intel; else nil.
  let smallestSubGroup: Int?

  let maximumWorkGroup: Int
  /// The memory that the items of a work-group share, in bytes.
  let localMemory: Int

  // A device lives as long as the process, and all queries of it are safe from any thread.
  nonisolated(unsafe) let handle: cl_device_id

  /// Asks a device for its facts, or returns nil when it is of a kind that runs no kernels, or does
  /// not say what work is to be shared out by.
  ///
  /// - Parameters:
  ///   - platform: what the platform calls itself.
  ///   - version: that of the platform.
  init?(
    _ handle: cl_device_id, platform: String, version: String = "", _ calls: OpenCLCalls
  ) {
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
    versions = "\(version), \(text(CL_DEVICE_VERSION))"
    smallestSubGroup =
      kind == .gpu && vendor.contains("Intel")
        && text(CL_DEVICE_EXTENSIONS).split(separator: " ").contains(Self.subGroupExtension)
      ? Self.subGroupSizes(calls.deviceInfo(handle, Self.subGroupSizesKey)).min() : nil
    memory = Int(clamping: number(CL_DEVICE_GLOBAL_MEM_SIZE, as: cl_ulong.self))
    maximumAllocation = Int(clamping: number(CL_DEVICE_MAX_MEM_ALLOC_SIZE, as: cl_ulong.self))
    computeUnits = Int(number(CL_DEVICE_MAX_COMPUTE_UNITS, as: cl_uint.self))
    supportsDouble = number(CL_DEVICE_DOUBLE_FP_CONFIG, as: cl_device_fp_config.self) != 0
    maximumWorkGroup = number(CL_DEVICE_MAX_WORK_GROUP_SIZE, as: Int.self)
    localMemory = Int(clamping: number(CL_DEVICE_LOCAL_MEM_SIZE, as: cl_ulong.self))
    guard min(memory, maximumAllocation, computeUnits, maximumWorkGroup) > 0 else { return nil }
  }

  private static let subGroupExtension: Substring = "cl_intel_required_subgroup_size"
  /// CL_DEVICE_SUB_GROUP_SIZES_INTEL of that extension.
  private static let subGroupSizesKey: cl_int = 0x4108

  /// The sizes that a query answers, none where it does not.
  private static func subGroupSizes(_ query: OpenCLCalls.Query) -> [Int] {
    var length = 0
    guard query(0, nil, &length) == CL_SUCCESS else { return [] }
    var sizes = [Int](repeating: 0, count: length / MemoryLayout<Int>.size)
    guard query(sizes.count * MemoryLayout<Int>.size, &sizes, nil) == CL_SUCCESS else { return [] }
    return sizes.filter { $0 > 0 }
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

  /// Every device of every platform, GPUs first, then accelerators, then processors; devices of one
  /// kind in the order in which the drivers name them.
  static func all(_ calls: OpenCLCalls = OpenCLCalls()) -> [OpenCLDevice] {
    listing.withLock { _ in list(calls) }
  }

  /// The process that was the first to ask for devices. Drivers have threads then, which a process forked from
  /// it has not: PoCL would wait for them for ever.
  private static let firstProcess = getpid()

  /// - Throws: ``RecoveryError/usedAfterFork(what:)`` in a process that was forked after devices were asked for.
  static func requireOwnProcess() throws(RecoveryError) {
    guard firstProcess == getpid() else { throw .usedAfterFork(what: "OpenCL") }
  }

  private static func list(_ calls: OpenCLCalls) -> [OpenCLDevice] {
    _ = firstProcess
    NVIDIADriver.register
    let found = handles(calls.platforms()).flatMap { platform in
      let name = InfoText.read(calls.platformInfo(platform, CL_PLATFORM_NAME))
      let version = InfoText.read(calls.platformInfo(platform, CL_PLATFORM_VERSION))
      return handles(calls.devices(platform)).compactMap {
        OpenCLDevice($0, platform: name, version: version, calls)
      }
    }
    return Kind.allCases.flatMap { kind in found.filter { $0.kind == kind } }
  }

  /// The device that `wanted` names: by its number in `devices`, else by a part of the name of the
  /// device or its platform in any case, else (nil) the first that computes in `precision`.
  ///
  /// - Throws: ``RecoveryError/noSuchDevice(wanted:found:)``.
  package static func choose(
    _ wanted: String?, precision: Precision, from devices: [OpenCLDevice]
  ) throws(RecoveryError) -> OpenCLDevice {
    let chosen: OpenCLDevice? =
      if let wanted {
        Int(wanted).flatMap { devices.indices.contains($0) ? devices[$0] : nil }
          ?? devices.first { $0.answers(to: wanted) }
      } else {
        devices.first { $0.supports(precision) } ?? devices.first
      }
    guard let chosen else {
      throw .noSuchDevice(wanted: wanted ?? "auto", found: devices.map(\.name))
    }
    return chosen
  }

  private func answers(to wanted: String) -> Bool {
    let wanted = wanted.lowercased()
    return !wanted.isEmpty
      && [name, platform].contains { $0.lowercased().contains(wanted) }
  }

  /// What an OpenCL listing names: nothing when it fails, as it does where nothing is installed.
  private static func handles(_ listing: OpenCLCalls.Listing) -> [OpaquePointer] {
    var count: cl_uint = 0
    guard listing(0, nil, &count) == CL_SUCCESS, count > 0 else { return [] }
    var handles = [OpaquePointer?](repeating: nil, count: Int(count))
    guard listing(count, &handles, nil) == CL_SUCCESS else { return [] }
    return handles.compactMap(\.self)
  }

  /// Throws ``RecoveryError/deviceFailure(device:call:code:detail:)`` unless `code` means success.
  func check(_ call: @autoclosure () -> String, _ code: cl_int) throws(RecoveryError) {
    if code != CL_SUCCESS { throw failure(call(), code) }
  }

  /// The handle that a call made, or the error it gave.
  func check(
    _ call: @autoclosure () -> String, _ made: OpenCLCalls.Made
  ) throws(RecoveryError) -> OpaquePointer {
    guard let handle = made.handle, made.code == CL_SUCCESS else {
      throw failure(call(), made.code)
    }
    return handle
  }

  /// What went wrong, with the name of the code and whatever else is known.
  func failure(_ call: String, _ code: cl_int, _ log: String = "") -> RecoveryError {
    let symbol = StatusName.of(code)
    let detail = [symbol, log].filter { !$0.isEmpty }.joined(separator: "\n")
    return .deviceFailure(device: name, call: call, code: code, detail: detail)
  }
}

/// Held while devices are listed: PoCL 3.1 crashes when two threads are the first to ask.
private let listing = Mutex(())

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

extension RecoveryError {
  /// Whether a device had no memory left for a buffer, which some drivers find out when it is first
  /// used only.
  var isOutOfDeviceMemory: Bool {
    guard case .deviceFailure(_, _, let code, _) = self else { return false }
    return [CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_RESOURCES, CL_OUT_OF_HOST_MEMORY]
      .contains(code)
  }
}

/// The symbols of the error codes that a run can meet. Codes of wrong calls stay numbers.
private enum StatusName {
  static func of(_ code: cl_int) -> String {
    switch code {
    case CL_DEVICE_NOT_FOUND: "CL_DEVICE_NOT_FOUND"
    case CL_DEVICE_NOT_AVAILABLE: "CL_DEVICE_NOT_AVAILABLE"
    case CL_COMPILER_NOT_AVAILABLE: "CL_COMPILER_NOT_AVAILABLE"
    case CL_MEM_OBJECT_ALLOCATION_FAILURE: "CL_MEM_OBJECT_ALLOCATION_FAILURE"
    case CL_OUT_OF_RESOURCES: "CL_OUT_OF_RESOURCES"
    case CL_OUT_OF_HOST_MEMORY: "CL_OUT_OF_HOST_MEMORY"
    case CL_BUILD_PROGRAM_FAILURE: "CL_BUILD_PROGRAM_FAILURE"
    case CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST:
      "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST"
    case CL_INVALID_VALUE: "CL_INVALID_VALUE"
    case CL_INVALID_DEVICE: "CL_INVALID_DEVICE"
    case CL_INVALID_CONTEXT: "CL_INVALID_CONTEXT"
    case CL_INVALID_COMMAND_QUEUE: "CL_INVALID_COMMAND_QUEUE"
    case CL_INVALID_MEM_OBJECT: "CL_INVALID_MEM_OBJECT"
    case CL_INVALID_BINARY: "CL_INVALID_BINARY"
    case CL_INVALID_BUILD_OPTIONS: "CL_INVALID_BUILD_OPTIONS"
    case CL_INVALID_PROGRAM_EXECUTABLE: "CL_INVALID_PROGRAM_EXECUTABLE"
    case CL_INVALID_KERNEL_NAME: "CL_INVALID_KERNEL_NAME"
    case CL_INVALID_KERNEL_ARGS: "CL_INVALID_KERNEL_ARGS"
    case CL_INVALID_WORK_GROUP_SIZE: "CL_INVALID_WORK_GROUP_SIZE"
    case CL_INVALID_WORK_ITEM_SIZE: "CL_INVALID_WORK_ITEM_SIZE"
    case CL_INVALID_OPERATION: "CL_INVALID_OPERATION"
    case CL_INVALID_BUFFER_SIZE: "CL_INVALID_BUFFER_SIZE"
    case CLBlastInsufficientMemoryA.rawValue: "CLBlastInsufficientMemoryA"
    case CLBlastInvalidLocalMemUsage.rawValue: "CLBlastInvalidLocalMemUsage"
    case CLBlastNoDoublePrecision.rawValue: "CLBlastNoDoublePrecision"
    case CLBlastDatabaseError.rawValue: "CLBlastDatabaseError"
    case CLBlastUnexpectedError.rawValue: "CLBlastUnexpectedError"
    default: ""
    }
  }
}
