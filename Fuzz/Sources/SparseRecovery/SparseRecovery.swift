// The umbrella without the module that needs a device.
@_exported public import CPUBackend
@_exported public import MatrixFiles
@_exported public import ReferenceBackend
@_exported public import Solvers
@_exported public import SparseCore
@_exported public import SyntheticProblems
