% Solves from Octave or MATLAB, through sparse_recovery_mex.c.
rand('seed', 1);
A = rand(100, 400) - 0.5;
y = 2 * A(:, 8) - A(:, 71) + 3 * A(:, 301) + 1;
x = sparse_recovery_mex(A, y, 3, 'intercept', 'true', 'algorithm', 'sea');
disp(find(x)'), disp(x(find(x))')
assert(isequal(find(x)', [8 71 301]))
refused = '';
try
  sparse_recovery_mex(A, y, 401);
catch problem
  refused = problem.message;
end
assert(~isempty(strfind(refused, 'expected a sparsity from 1 to 400')))
