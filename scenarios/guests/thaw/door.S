! The door out of the loader of a frozen program: its entry, and its last instructions, which give the
! process all of its registers back. It lies on the one page of the loader that stays.
!
! `data` is filled by whoever writes the file (core/image/export_page.ts), and so is what lies
! before the code: the ELF header.
!
! sigreturn sets every register on Linux. qemu's user mode leaves out the second bank of the FPU, T, M
! and Q, and the rounding of FPSCR comes into force only by LDS: so these are set here first, and
! sigreturn does not touch them there.

	.section .text.door, "ax"
	.globl	again, start, data
	.align	2

! A system call that waits until a moment is made again here, with the time that is left; then all
! registers are the program's, and r0 is what the call has answered.
again:
	trapa	#31
	mov	r0, r2
	mova	data, r0
	mov	r0, r8
	mov	#2, r4			! SIG_SETMASK: no handler may begin while r15 is not the program's
	mov.w	all_offset, r5
	add	r8, r5
	mov	#0, r6
	mov	#8, r7
	mov	#-81, r3		! rt_sigprocmask, 175
	extu.b	r3, r3
	trapa	#31
	mov.w	answer_offset, r0
	add	r8, r0
	mov.l	r2, @(4, r0)		! the frame's r0
	mov	r0, r15
	mov	#119, r3		! sigreturn
	trapa	#31

start:
	mova	data, r0
	mov	r0, r8
	mov.l	@(0, r8), r15
	mov.l	@(4, r8), r4
	mov.l	thaw_distance, r0
	bsrf	r0
	nop
behind_call:
	mov.l	@(8, r8), r4		! the loader's data, then its stack
	mov.l	@(12, r8), r5
	mov	#91, r3			! munmap
	trapa	#31
	mov.l	@(16, r8), r4
	mov.l	@(20, r8), r5
	mov	#91, r3
	trapa	#31
	mov	#0, r0
	lds	r0, fpscr		! single moves, and the first bank in front
	mov	r8, r1
	add	#44, r1
	frchg
	fmov.s	@r1+, fr0
	fmov.s	@r1+, fr1
	fmov.s	@r1+, fr2
	fmov.s	@r1+, fr3
	fmov.s	@r1+, fr4
	fmov.s	@r1+, fr5
	fmov.s	@r1+, fr6
	fmov.s	@r1+, fr7
	fmov.s	@r1+, fr8
	fmov.s	@r1+, fr9
	fmov.s	@r1+, fr10
	fmov.s	@r1+, fr11
	fmov.s	@r1+, fr12
	fmov.s	@r1+, fr13
	fmov.s	@r1+, fr14
	fmov.s	@r1+, fr15
	mov.l	@(40, r8), r0
	lds	r0, fpscr		! and the bank in front is the program's
	mov.l	@(36, r8), r0
	tst	r0, r0
	bt/s	1f
	clrs
	sets
1:	mov.l	@(24, r8), r1
	mov.l	@(28, r8), r2
	div0s	r2, r1			! Q is r1's sign, M is r2's
	mov	r8, r15
	add	#112, r15
	mov.l	@(32, r8), r0
	mov	#119, r3		! sigreturn
	shlr	r0			! T
	trapa	#31

	.align	2
thaw_distance:
	.long	thaw - behind_call
all_offset:
	.word	608
answer_offset:
	.word	352

! What follows is no part of the code; offset and what is there:
!   0 end of the stack           24 words with the sign of Q, of M     112 the frame of sigreturn
!   4 the script                 32 T                                  352 the frame after `again`
!   8 what is unmapped at the    36 S                                  592 the time that is left
!     end: address, length       40 FPSCR                              608 two words of ones:
!  16 likewise                   44 the second bank                        all signals
	.org	0x100
data:

	.section .note.GNU-stack, "", @progbits
