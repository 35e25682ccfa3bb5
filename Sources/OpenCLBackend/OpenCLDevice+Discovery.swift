internal import COpenCL
internal import SparseCore
import Synchronization

/// Held while devices are listed: PoCL 3.1 crashes when two threads are the first to ask.
private let listing = Mutex(())

extension OpenCLDevice {
  /// Every device of every platform, GPUs first, then accelerators, then processors; devices of one
  /// kind in the order in which the drivers name them.
  static func all(_ calls: OpenCLCalls = OpenCLCalls()) -> [OpenCLDevice] {
    listing.withLock { _ in list(calls) }
  }

  private static func list(_ calls: OpenCLCalls) -> [OpenCLDevice] {
    NVIDIADriver.register
    let found = handles(calls.platforms()).flatMap { platform in
      let name = InfoText.read(calls.platformInfo(platform, CL_PLATFORM_NAME))
      return handles(calls.devices(platform)).compactMap {
        OpenCLDevice($0, platform: name, calls)
      }
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

  /// What an OpenCL listing names: nothing when it fails, as it does where nothing is installed.
  private static func handles(_ listing: OpenCLCalls.Listing) -> [OpaquePointer] {
    var count: cl_uint = 0
    guard listing(0, nil, &count) == CL_SUCCESS, count > 0 else { return [] }
    var handles = [OpaquePointer?](repeating: nil, count: Int(count))
    guard listing(count, &handles, nil) == CL_SUCCESS else { return [] }
    return handles.compactMap(\.self)
  }
}
