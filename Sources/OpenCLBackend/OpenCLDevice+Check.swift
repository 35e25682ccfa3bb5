internal import COpenCL
internal import SparseCore

extension OpenCLDevice {
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
enum StatusName {
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
