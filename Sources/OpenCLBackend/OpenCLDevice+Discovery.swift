internal import COpenCL
internal import SparseCore

extension OpenCLDevice {
  /// Every device of every platform, GPUs first, then accelerators, then processors; devices of one
  /// kind in the order in which the drivers name them.
  static func all() -> [OpenCLDevice] {
    NVIDIADriver.register
    let found = platforms().flatMap { platform in
      let name = InfoText.read {
        clGetPlatformInfo(platform, cl_platform_info(CL_PLATFORM_NAME), $0, $1, $2)
      }
      return handles(of: platform).compactMap { OpenCLDevice($0, platform: name) }
    }
    return Kind.allCases.flatMap { kind in found.filter { $0.kind == kind } }
  }

  /// The device that `wanted` names: by its number in `devices`, else by a part of the name of the
  /// device or its platform in any case, else (nil) the first that computes in `precision`.
  static func choose(
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

  private static func platforms() -> [cl_platform_id] {
    list { clGetPlatformIDs($0, $1, $2) }
  }

  private static func handles(of platform: cl_platform_id) -> [cl_device_id] {
    list { clGetDeviceIDs(platform, cl_device_type(CL_DEVICE_TYPE_ALL), $0, $1, $2) }
  }

  /// What an OpenCL listing names: nothing when it fails, as it does where nothing is installed.
  private static func list(
    _ query: (
      cl_uint, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<cl_uint>?
    ) -> cl_int
  ) -> [OpaquePointer] {
    var count: cl_uint = 0
    guard query(0, nil, &count) == CL_SUCCESS, count > 0 else { return [] }
    var handles = [OpaquePointer?](repeating: nil, count: Int(count))
    guard query(count, &handles, nil) == CL_SUCCESS else { return [] }
    return handles.compactMap(\.self)
  }
}
