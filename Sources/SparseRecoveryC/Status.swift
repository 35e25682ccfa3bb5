import CSparseRecovery
import SparseRecovery

/// Why a call ends without what it was to make.
enum CallError: Error {
  /// What the library says.
  case recovery(RecoveryError)
  /// A file.
  case file(FileError)

  /// An argument that C let through.
  static func argument(_ name: String, _ found: String, _ expected: String) -> CallError {
    .recovery(.invalidOption(name: name, value: found, expected: expected))
  }

  /// A null pointer where memory is needed.
  static func null(_ name: String) -> CallError { argument(name, "a null pointer", "memory") }

  /// The status that says whose fault it is.
  var status: Int32 {
    switch self {
    case .file(let error): Int32(error.kind == .data ? SR_DATA : SR_FILE)
    case .recovery(.outOfMemory): Int32(SR_MEMORY)
    case .recovery(let error):
      switch error.kind {
      case .data: Int32(SR_DATA)
      case .request: Int32(SR_REQUEST)
      case .device: Int32(SR_DEVICE)
      case .internal: Int32(SR_INTERNAL)
      }
    }
  }

  /// One line.
  var message: String {
    switch self {
    case .file(let error): error.description
    case .recovery(let error): error.description
    }
  }
}

/// Runs a call, keeps what went wrong for `sr_last_error`, and answers with its status.
func status(_ body: () throws(CallError) -> Void) -> Int32 {
  do throws(CallError) {
    try body()
    sri_set_last_error("")
    return Int32(SR_OK)
  } catch {
    sri_set_last_error(error.message)
    return error.status
  }
}

/// What the library throws, as an error of a call.
func recovering<Result>(
  _ body: () throws(RecoveryError) -> Result
) throws(CallError) -> Result {
  do throws(RecoveryError) { return try body() } catch { throw .recovery(error) }
}

/// What readers and writers of files throw, as an error of a call.
func filing<Result>(_ body: () throws(FileError) -> Result) throws(CallError) -> Result {
  do throws(FileError) { return try body() } catch { throw .file(error) }
}

/// The object behind a handle.
func object<Object: AnyObject>(_ handle: OpaquePointer, as type: Object.Type = Object.self)
  -> Object
{
  Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
}

/// A handle that keeps an object until ``release(_:as:)``.
func handle(_ object: some AnyObject) -> OpaquePointer {
  OpaquePointer(Unmanaged.passRetained(object).toOpaque())
}

/// Ends what ``handle(_:)`` began. Null is allowed.
func release<Object: AnyObject>(_ handle: OpaquePointer?, as type: Object.Type) {
  guard let handle else { return }
  Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release()
}

/// Writes a record of C whose first field is its size as the caller knows it: no byte beyond that.
func write<Record>(
  _ record: Record, size: Int64, to target: UnsafeMutablePointer<Record>
) throws(CallError) {
  guard size > 0, size <= 1 << 16 else {
    throw .argument("size", "\(size)", "sizeof the structure, written before the call")
  }
  withUnsafeBytes(of: record) { bytes in
    let known = min(Int(size), bytes.count)
    // Behind the size itself, which stays.
    let first = MemoryLayout<Int64>.size
    guard known > first, let start = bytes.baseAddress else { return }
    (UnsafeMutableRawPointer(target) + first).copyMemory(
      from: start + first, byteCount: known - first)
  }
}
