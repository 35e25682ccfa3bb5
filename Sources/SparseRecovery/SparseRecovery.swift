// What a user of the library imports: one name for the modules behind it.
@_exported public import CPUBackend
@_exported public import Losses
@_exported public import MatrixFiles
@_exported public import OpenCLBackend
@_exported public import ReferenceBackend
@_exported public import Solvers
@_exported public import SparseCore
@_exported public import SyntheticProblems

/// The version of the package: https://semver.org.
public let packageVersion = "0.1.0"
