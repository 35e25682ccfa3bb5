/// Which kernels compute the products with A on an OpenCL device.
public enum ProductKernels: String, Sendable, CaseIterable {
  /// The faster of the two for matrices of this size on this device, measured when a matrix is
  /// loaded, once a process or once a user. Processes that measure differently may differ in the last
  /// bits.
  case auto
  /// Those of this package.
  case native
  /// Those of CLBlast, where a product has one vector; for several vectors those of this package.
  case clblast

  /// What an engine's identity calls these.
  var library: String {
    switch self {
    case .auto: "native kernels or CLBlast"
    case .native: "native kernels"
    case .clblast: "CLBlast"
    }
  }
}
