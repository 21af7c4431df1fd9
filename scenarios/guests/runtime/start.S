! The entry of every guest: takes argc, argv and envp from the stack as Linux on SuperH leaves
! them, calls main and ends the process with its result.
!
! At entry r15 points at argc; argv, a null, envp and a null follow. The C code that follows is
! compiled for FPSCR.PR = 1 and relies on the kernel having set FPSCR to 0x00080000: it is not set
! again here, so that a kernel that forgets is found out.

	.section .text.start, "ax"
	.globl	_start
	.type	_start, @function
	.align	2
_start:
	mov	#0, r14			! no frame above this one
	mov.l	@r15, r4		! argc
	mov	r15, r5
	add	#4, r5			! argv
	mov	r4, r6
	add	#1, r6
	shll2	r6
	add	r5, r6			! envp = argv + argc + 1
	mov.l	main_address, r0
	jsr	@r0
	nop
	mov.l	leave_address, r1
	mov	r0, r4
	jsr	@r1			! leave(main(...)) does not come back
	nop
	.align	2
main_address:
	.long	main
leave_address:
	.long	leave
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits	! the stack is data
