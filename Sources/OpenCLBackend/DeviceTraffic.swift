/// What an engine has asked of its device, without the kernels that CLBlast launches.
package struct DeviceTraffic: Equatable, Sendable {
  /// Kernels launched.
  package var launches = 0
  /// Transfers from the device, each of which waits for all work before it.
  package var reads = 0
  /// Bytes from the host to the device.
  package var bytesSent = 0
  /// Bytes from the device to the host.
  package var bytesReceived = 0

  /// What was asked between two points in time.
  package static func - (later: DeviceTraffic, earlier: DeviceTraffic) -> DeviceTraffic {
    DeviceTraffic(
      launches: later.launches - earlier.launches, reads: later.reads - earlier.reads,
      bytesSent: later.bytesSent - earlier.bytesSent,
      bytesReceived: later.bytesReceived - earlier.bytesReceived)
  }

  static func + (one: DeviceTraffic, other: DeviceTraffic) -> DeviceTraffic {
    DeviceTraffic(
      launches: one.launches + other.launches, reads: one.reads + other.reads,
      bytesSent: one.bytesSent + other.bytesSent,
      bytesReceived: one.bytesReceived + other.bytesReceived)
  }
}
