public import CSparseRecovery
import Solvers
import SparseRecovery

/// Texts that C may keep for ever.
private struct Text: @unchecked Sendable {
  let start: UnsafePointer<CChar>

  init(_ text: String) { start = UnsafePointer(copied(text.utf8CString)) }
}

/// What there is, listed once.
private enum Catalogue {
  static let version = Text(packageVersion)

  /// The portfolio, which is the default, first.
  static let algorithms: [(name: Text, summary: Text)] =
    [
      (
        Text(Portfolio.name),
        Text("several solvers in turn, and a search from the best of what they find")
      )
    ] + Algorithm.all.map { (Text($0.name), Text($0.summary)) }

  static let options: [String: [(name: Text, help: Text)]] = Dictionary(
    uniqueKeysWithValues: OptionNames.owners.map { owner in
      (owner, (OptionNames.of(owner) ?? []).map { (Text($0.name), Text($0.help)) })
    })

  static let devices: [DeviceText] = OpenCLBackend.devices().map(DeviceText.init)
}

/// A device, in memory that C may keep.
private struct DeviceText: @unchecked Sendable {
  let record: sr_device

  init(_ device: OpenCLDevice) {
    record = sr_device(
      size: Int64(MemoryLayout<sr_device>.size), name: Text(device.name).start,
      platform: Text(device.platform).start, vendor: Text(device.vendor).start,
      driver: Text(device.driverVersion).start, kind: Text(device.kind.rawValue).start,
      memory: Int64(device.memory), has_double: device.supportsDouble ? 1 : 0, reserved: 0)
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_abi_version() -> Int32 { Int32(SR_ABI_VERSION) }

/// As sparse_recovery.h has it.
@c @implementation
public func sr_use_this_processor() -> Int32 { OpenBLAS.useThisProcessor() ? 1 : 0 }

/// As sparse_recovery.h has it.
@c @implementation
public func sr_version() -> UnsafePointer<CChar>? { Catalogue.version.start }

/// As sparse_recovery.h has it.
@c @implementation
public func sr_device_count() -> Int64 { Int64(Catalogue.devices.count) }

/// As sparse_recovery.h has it.
@c @implementation
public func sr_device_describe(
  _ place: Int64, _ device: UnsafeMutablePointer<sr_device>?
) -> Int32 {
  status { () throws(CallError) in
    guard let device else { throw .null("device") }
    guard let found = element(place, of: Catalogue.devices) else {
      throw .argument(
        "place", "\(place)", "a device, of which there are \(Catalogue.devices.count)")
    }
    try write(found.record, size: device.pointee.size, to: device)
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_algorithm_name(_ place: Int64) -> UnsafePointer<CChar>? {
  element(place, of: Catalogue.algorithms)?.name.start
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_algorithm_summary(_ place: Int64) -> UnsafePointer<CChar>? {
  element(place, of: Catalogue.algorithms)?.summary.start
}

/// The entry of an owner that C names.
private func option(
  _ owner: UnsafePointer<CChar>?, _ place: Int64
) -> (name: Text, help: Text)? {
  guard let owner, let options = Catalogue.options[String(cString: owner)] else { return nil }
  return element(place, of: options)
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_option_name(
  _ owner: UnsafePointer<CChar>?, _ place: Int64
) -> UnsafePointer<CChar>? { option(owner, place)?.name.start }

/// As sparse_recovery.h has it.
@c @implementation
public func sr_option_help(
  _ owner: UnsafePointer<CChar>?, _ place: Int64
) -> UnsafePointer<CChar>? { option(owner, place)?.help.start }
